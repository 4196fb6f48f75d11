/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { utimesSync } from 'node:fs';

import { isBuilt } from '../../scripts/build';
import { nodeTable, rowTable } from '../../scripts/demo/tables';
import { freshFolder } from './freshFolder';

const linesOf = (table: string) => table.split('\n');

describe('the table of nodes', () => {
	it('has a row for each node, with whole milliseconds', () => {
		expect(
			linesOf(
				nodeTable([
					{ name: 'Start', itemsIn: 0, itemsOut: 1, requests: 0, time: 0.4 },
					{ name: 'All tags', itemsIn: 1, itemsOut: 120, requests: 2, time: 31.6 },
				]),
			),
		).toEqual([
			'┌──────────┬──────────┬───────────┬──────────┬───────────┐',
			'│ Node     │ Items in │ Items out │ Requests │ Time (ms) │',
			'├──────────┼──────────┼───────────┼──────────┼───────────┤',
			'│ Start    │        0 │         1 │        0 │         0 │',
			'│ All tags │        1 │       120 │        2 │        32 │',
			'└──────────┴──────────┴───────────┴──────────┴───────────┘',
		]);
	});
});

describe('the table of rows', () => {
	it('has the columns of all rows, and puts objects, line breaks and gaps on one line', () => {
		expect(linesOf(rowTable([{ a: 1, b: null }, { c: { d: true } }, { a: 'x\n  y' }], 80))).toEqual(
			[
				'┌─────┬───┬────────────┐',
				'│ a   │ b │ c          │',
				'├─────┼───┼────────────┤',
				'│ 1   │   │            │',
				'│     │   │ {"d":true} │',
				'│ x y │   │            │',
				'└─────┴───┴────────────┘',
			],
		);
	});

	it('cuts wide values', () => {
		const table = rowTable([{ text: 'x'.repeat(40) }], 80);
		expect(table).toContain(`│ ${'x'.repeat(31)}… │`);
	});

	it('names the columns that do not fit on a line', () => {
		const lines = linesOf(rowTable([{ first: 'x'.repeat(20), second: 'y'.repeat(20), z: 1 }], 40));
		expect(lines.at(-1)).toBe('… not shown: second, z');
		expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
	});

	it('shows at most twelve rows and counts the others', () => {
		const rows = Array.from({ length: 15 }, (_, index) => ({ id: `tag-${index}` }));
		const lines = linesOf(rowTable(rows, 80));
		expect(lines.filter((line) => line.includes('tag-'))).toHaveLength(12);
		expect(lines.at(-1)).toBe('… 3 more rows');
	});

	it.each([
		[[], 'No rows.'],
		[[{}, {}], '2 rows without fields.'],
	])('turns the rows %j into the sentence "%s"', (rows, sentence) => {
		expect(rowTable(rows, 80)).toBe(sentence);
	});
});

describe('the package', () => {
	const folder = freshFolder();

	/** Writes a file that was last changed at this second. */
	function write(path: string, second: number) {
		folder.write({ [path]: '' });
		utimesSync(folder.pathOf(path), second, second);
	}

	it('counts as built when no source is newer than the build', () => {
		write('package.json', 10);
		write('nodes/A/actions/get.ts', 20);
		write('dist/.npmignore', 30);
		write('test/unit/a.test.ts', 40);
		expect(isBuilt(folder.root)).toBe(true);
	});

	it('counts as unbuilt until a build is complete', () => {
		write('package.json', 10);
		write('dist/nodes/A/A.node.js', 30);
		expect(isBuilt(folder.root)).toBe(false);
	});

	it.each([
		'nodes/A/__schema__/v1.0.0/tag/get.json',
		'credentials/A.credentials.ts',
		'icons/a.svg',
		'package.json',
		'gulpfile.js',
	])('counts as unbuilt when %s is newer than the build', (path) => {
		write('dist/.npmignore', 30);
		write(path, 31);
		expect(isBuilt(folder.root)).toBe(false);
	});
});
