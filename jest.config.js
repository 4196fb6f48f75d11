/**
 * One project for each level of test. They run in one Jest process, so that coverage of the
 * sources (unit and emulator tests) and of the built package (engine tests) adds up.
 */
const shared = {
	testEnvironment: 'node',
	// Only strips types (isolatedModules): `npm run typecheck` checks them. The package's own
	// tsconfig makes the output equal to what is in dist, which lets both coverages merge.
	transform: {
		'\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }],
		'/dist/(nodes|credentials)/.+\\.js$': '<rootDir>/scripts/dist-transformer.cjs',
	},
	// dist/package.json and e2e installations would collide with the package's own name.
	modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/test/e2e/'],
	// n8n's Wait node loads the one of sanitize-html, an ES module, which Jest cannot require on Node 20.
	moduleNameMapper: { '^htmlparser2$': '<rootDir>/node_modules/htmlparser2' },
};

const level = (name) => ({
	...shared,
	displayName: name,
	testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});

module.exports = {
	projects: ['unit', 'emulator', 'engine'].map(level),
	maxWorkers: 2,
	// Loading n8n-core takes seconds when both cores are busy.
	testTimeout: 30_000,
	collectCoverageFrom: ['{nodes,credentials}/**/*.ts', 'dist/{nodes,credentials}/**/*.js'],
	coverageDirectory: '.cache/coverage',
	// No HTML report: n8n-node build copies every PNG of the folder, a report's too, into dist.
	coverageReporters: [['text', { maxCols: 120 }], 'json-summary'],
};
