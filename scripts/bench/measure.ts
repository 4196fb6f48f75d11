/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The cost of one run, apart from its traffic. */
export interface Cost {
	/** elapsed ms */
	wall: number;
	/** ms of CPU time, user and system together */
	cpu: number;
	/** peak memory in use, less the memory at the start, in bytes */
	memory: number;
}

/** The interval at which memory is sampled, in ms. Shorter peaks go unnoticed. */
const LOOK_EVERY = 5;

/** `process.memoryUsage()` takes a hundred times longer, which would show in the CPU time. */
const inUse = (): number => {
	const { used_heap_size, external_memory } = getHeapStatistics();
	return used_heap_size + external_memory;
};

/**
 * Runs a function and measures it, after collecting the garbage of earlier runs.
 *
 * @returns the function's result, and its cost
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

/** @returns the middle value, or the mean of the two middle values */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = (sorted.length - 1) / 2;
	const [low = NaN, high = NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
	return (low + high) / 2;
}
