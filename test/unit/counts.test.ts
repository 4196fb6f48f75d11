import { countTests } from '../../scripts/counts';

const file = (name: string, statuses: string[], status = 'passed') => ({
	name: `/project/test/${name}`,
	startTime: 1000,
	endTime: 3500,
	status,
	assertionResults: statuses.map((result, index) => ({
		status: result,
		fullName: `test ${index}`,
	})),
});
const count = (...testResults: Array<ReturnType<typeof file>>) =>
	countTests({ testResults }, ['unit', 'engine'], '/project');

describe('countTests', () => {
	it('adds up the files of each level separately', () => {
		expect(
			count(
				file('unit/a.test.ts', ['passed', 'passed']),
				file('unit/deep/b.test.ts', ['passed']),
				file('engine/unit/c.test.ts', ['passed', 'failed'], 'failed'),
			),
		).toEqual([
			{ level: 'unit', passed: 3, failed: 0, seconds: 5, trouble: [] },
			{
				level: 'engine',
				passed: 1,
				failed: 1,
				seconds: 2.5,
				trouble: ['test/engine/unit/c.test.ts: test 1 (failed)'],
			},
		]);
	});

	it.each(['pending', 'todo', 'skipped', 'disabled'])('counts a %s test as failed', (status) => {
		const [unit] = count(file('unit/a.test.ts', ['passed', status]));
		expect(unit).toMatchObject({ passed: 1, failed: 1 });
	});

	it('counts a file that could not be run as a failed test', () => {
		const [unit] = count(file('unit/a.test.ts', [], 'failed'), file('unit/b.test.ts', ['passed']));
		expect(unit).toMatchObject({
			passed: 1,
			failed: 1,
			trouble: ['test/unit/a.test.ts could not be run to its end.'],
		});
	});

	it('counts a level without tests as failed', () => {
		expect(count(file('unit/a.test.ts', ['passed']))[1]).toMatchObject({
			passed: 0,
			failed: 1,
			trouble: ['No engine test was run.'],
		});
	});
});
