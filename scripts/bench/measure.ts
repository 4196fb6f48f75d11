/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What one run took, beside its traffic. */
export interface Cost {
	/** ms on the clock */
	wall: number;
	/** ms of CPU time, of user and system together */
	cpu: number;
	/** the most memory that was in use above that of the start, in bytes */
	memory: number;
}

/** Memory is looked at so often, in ms; what comes and goes in between is not seen. */
const LOOK_EVERY = 5;

/** `process.memoryUsage()` takes a hundred times longer, which would show in the CPU time. */
const inUse = (): number => {
	const { used_heap_size, external_memory } = getHeapStatistics();
	return used_heap_size + external_memory;
};

/**
 * Runs something and measures it. What was left over of an earlier run is cleared away before.
 *
 * @returns its result, and what it took
 */
export async function measure<T>(run: () => Promise<T>): Promise<{ result: T; cost: Cost }> {
	collectGarbage();
	const before = inUse();
	let most = before;
	const look = () => {
		most = Math.max(most, inUse());
	};
	const timer = setInterval(look, LOOK_EVERY);
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	const result = await run();
	const wall = performance.now() - startedAt;
	const { user, system } = process.cpuUsage(cpuBefore);
	look();
	clearInterval(timer);
	return { result, cost: { wall, cpu: (user + system) / 1000, memory: most - before } };
}

/** @returns the one in the middle, or between the two in the middle */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const [low = NaN, high = NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
	return (low + high) / 2;
}
