/**
 * Runs `work` for 0 … count-1, at most `atOnce` side by side.
 *
 * @returns the results in order
 * @throws the failure with the lowest index; after a failure no further work starts
 */
export async function mapConcurrently<T>(
	count: number,
	atOnce: number,
	work: (index: number) => Promise<T>,
): Promise<T[]> {
	const results: T[] = [];
	const failures = new Map<number, unknown>();
	let next = 0;
	const worker = async () => {
		while (next < count && failures.size === 0) {
			const index = next++;
			try {
				results[index] = await work(index);
			} catch (error) {
				failures.set(index, error);
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
	if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
	return results;
}
