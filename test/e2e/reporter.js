const { basename } = require('node:path');

const MARKS = { passed: '✔', failed: '✘' };

/** Prints each step as soon as it has ended; a failure is printed in full at the end of its file. */
module.exports = class {
	onTestCaseResult(test, { ancestorTitles, duration, status, title }) {
		const mark = MARKS[status] ?? '○';
		const name = [basename(test.path, '.test.ts'), ...ancestorTitles, title].join(' › ');
		process.stdout.write(`${mark} ${name} (${((duration ?? 0) / 1000).toFixed(1)} s)\n`);
	}
};
