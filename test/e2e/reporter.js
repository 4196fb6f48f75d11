const { basename } = require('node:path');

const MARKS = { passed: '✔', failed: '✘' };

/** Prints each step as soon as it ends. Jest prints the failures in full at the end of each file. */
module.exports = class {
	onTestCaseResult(test, { ancestorTitles, duration, status, title }) {
		const mark = MARKS[status] ?? '○';
		const name = [basename(test.path, '.test.ts'), ...ancestorTitles, title].join(' › ');
		process.stdout.write(`${mark} ${name} (${((duration ?? 0) / 1000).toFixed(1)} s)\n`);
	}
};
