const { mkdir, rm, writeFile } = require('node:fs/promises');
const { basename, join, resolve } = require('node:path');

const { TestEnvironment } = require('jest-environment-node');

const FAILED = resolve(__dirname, '..', '..', '.cache', 'e2e', 'failed');

const nameOf = (test, file) => {
	const names = [];
	for (let block = test; block.parent; block = block.parent) names.unshift(block.name);
	return [basename(file, '.test.ts'), ...names].join(' ').replace(/[^\w.-]+/g, '-');
};

/** Saves the logs and a screenshot of every failed step, before anything is stopped. */
module.exports = class extends TestEnvironment {
	constructor(config, context) {
		super(config, context);
		this.file = context.testPath;
	}

	async handleTestEvent({ name, test, describeBlock, error }) {
		if (name !== 'test_fn_failure' && name !== 'hook_failure') return;
		const folder = join(FAILED, nameOf(test ?? describeBlock, this.file));
		await rm(folder, { recursive: true, force: true });
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'error.txt'), String(error?.stack ?? error));
		for (const write of this.global.e2eEvidence ?? []) {
			try {
				await write(folder);
			} catch (trouble) {
				await writeFile(join(folder, 'no-evidence.txt'), String(trouble), { flag: 'a' });
			}
		}
	}
};
