const { TestEnvironment } = require('jest-environment-node');
const n8nWorkflow = require('n8n-workflow');

/**
 * Loads n8n-workflow once: loading it again for each mutant would take longer than most tests. And skips
 * all tests after one that fails, because it has detected the mutant.
 */
module.exports = class extends TestEnvironment {
	constructor(...options) {
		super(...options);
		this.global.n8nWorkflow = n8nWorkflow;
	}

	async handleTestEvent(event) {
		if (event.name === 'test_fn_failure') this.hasFailed = true;
		if (event.name === 'test_start' && this.hasFailed) event.test.mode = 'skip';
	}
};
