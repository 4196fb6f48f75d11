/**
 * The clock of this process, which can be turned forward: nodes, n8n's engine and the emulators of a
 * demo all go by it, so that a workflow that sleeps for an hour is over in a moment.
 */
export class Clock {
	private readonly real = Date.now;

	/** by how many ms it is ahead */
	private ahead = 0;

	start(): void {
		Date.now = () => this.real() + this.ahead;
	}

	/** Turns it forward by so many ms; never back, since a service has counted by it. */
	turnOn(ms: number): void {
		this.ahead += Math.max(0, ms);
	}

	stop(): void {
		Date.now = this.real;
	}
}
