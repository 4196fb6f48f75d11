const { TestEnvironment } = require('jest-environment-node');
const n8nWorkflow = require('n8n-workflow');

/** Loads n8n-workflow once. Loading it again for each mutant would take longer than most tests. */
module.exports = class extends TestEnvironment {
	constructor(...options) {
		super(...options);
		this.global.n8nWorkflow = n8nWorkflow;
	}
};
