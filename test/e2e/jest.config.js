/** Used by scripts/e2e.ts, which installs n8n and the tools first and cleans up afterwards. */
module.exports = {
	testMatch: ['<rootDir>/*.test.ts'],
	testEnvironment: '<rootDir>/environment.js',
	transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/../../tsconfig.json' }] },
	modulePaths: ['<rootDir>/../../.cache/e2e/tools/node_modules'],
	// Run one n8n at a time, because a machine may have only two cores.
	maxWorkers: 1,
	testTimeout: 300_000,
	reporters: ['<rootDir>/reporter.js', 'default'],
};
