/** The rooms of nodes/shared in order: each imports only from itself and from earlier rooms. */
const ROOMS = ['http', 'fields', 'operations', 'polling'];

const room = (name) => `^nodes/shared/${name}/`;

const PRODUCT = '^(nodes|credentials)/';
const LIBRARIES = '^(node_modules/)?n8n-workflow(/|$)|^(node:)?crypto$';
const ENTRIES = '\\.(node|credentials)\\.ts$';
const SERVICE = '^(?:nodes|credentials)/([A-Z][a-z]+)';

/** Makes a rule; `comment` states it in words. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		rule(
			'product-stands-alone',
			'Nodes and credentials import n8n-workflow, node:crypto and each other, nothing else.',
			{ path: PRODUCT },
			{ pathNot: [PRODUCT, LIBRARIES] },
		),
		rule(
			'services-stay-apart',
			'A service imports its own code and the shared code, not another service.',
			{ path: SERVICE },
			{ path: SERVICE, pathNot: '^(nodes|credentials)/$1' },
		),
		rule(
			'shared-knows-no-service',
			'The shared code imports no service.',
			{ path: '^nodes/shared/' },
			{ path: SERVICE },
		),
		...ROOMS.slice(0, -1).map((name, index) =>
			rule(
				`${name}-imports-no-later-room`,
				`The rooms of nodes/shared are, in this order: ${ROOMS.join(', ')}.`,
				{ path: room(name) },
				{ path: ROOMS.slice(index + 1).map(room) },
			),
		),
		rule(
			'shared-files-have-a-room',
			`A file of nodes/shared lies in one of its rooms: ${ROOMS.join(', ')}.`,
			{},
			{ path: '^nodes/shared/', pathNot: ROOMS.map(room) },
		),
		rule(
			'emulator-reads-the-documents',
			"The emulator is written from the services' documents and imports nothing that it tests.",
			{ path: '^test/emulator/' },
			{ path: '^(nodes|credentials|dist)/' },
		),
		rule('no-circle', 'Files do not import each other in a circle.', {}, { circular: true }),
		rule(
			'no-unused-file',
			'A node or a credential needs every file of nodes/, directly or through other files.',
			{ path: ENTRIES },
			{ path: '^nodes/', pathNot: ENTRIES, reachable: false },
		),
	],
	options: {
		doNotFollow: { path: '^node_modules' },
		// Count imports of types as well.
		tsPreCompilationDeps: true,
	},
};
