import type { Contest } from './contest';
export function reportOf(_: {
	contests: Contest[];
	loading: number;
	rounds: number;
	minutes: number;
}): string {
	return '';
}
