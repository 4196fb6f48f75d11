import { createHash } from 'node:crypto';

/** Makes repeatable "random" values: the same seed gives the same values in the same order. */
export class Dice {
	private thrown = 0;

	constructor(private readonly seed: string) {}

	/** The next `bytes` (at most 32) bytes. */
	bytes(bytes: number): Buffer {
		this.thrown += 1;
		return createHash('sha256').update(`${this.seed}/${this.thrown}`).digest().subarray(0, bytes);
	}

	/** A text of `length` (at most 32) characters of the alphabet. */
	text(length: number, alphabet: string): string {
		return [...this.bytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
	}

	/** A UUID in the format of version 4. */
	uuid(): string {
		const hex = this.bytes(16).toString('hex');
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
	}
}
