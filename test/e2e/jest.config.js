/** Run by scripts/e2e.ts, which installs what these tests need and cleans up after them. */
module.exports = {
	testMatch: ['<rootDir>/*.test.ts'],
	testEnvironment: '<rootDir>/environment.js',
	transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/../../tsconfig.json' }] },
	modulePaths: ['<rootDir>/../../.cache/e2e/tools/node_modules'],
	// One n8n at a time: two cores are all there may be.
	maxWorkers: 1,
	testTimeout: 300_000,
	reporters: ['<rootDir>/reporter.js', 'default'],
};
