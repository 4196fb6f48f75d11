// Stands in for n8n-workflow; environment.cjs has loaded it.
module.exports = globalThis.n8nWorkflow;
