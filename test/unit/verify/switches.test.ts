import { EXIT, SERVICES } from '../../../scripts/verify/live';
import type {
	KindrynReadings,
	KinktreeReadings,
	KlinkyReadings,
	ServiceName,
} from '../../emulator';
import { readDocument } from '../../emulator/openapi';
import { ASSUMPTIONS, LIKELY } from '../../emulator/readings';
import { differencesIn, NAMES, refutedIn, resultsIn, serviceOf, setUpVerification } from './setup';

const HOUR = 3_600_000;

const { emulators, run } = setUpVerification();

describe('the checks', () => {
	it.each(SERVICES)('settle each assumption about $id, or say why reading cannot', (service) => {
		const { id, checked, unreadable } = service;
		const assumptions = Object.keys(readDocument(id)['x-assumptions']);
		expect([...checked, ...Object.keys(unreadable)].sort()).toEqual(assumptions.sort());
		for (const why of Object.values(unreadable)) expect(why).toMatch(/^this needs a/);
	});
});

describe.each(NAMES)('the report on %s', (name) => {
	it('finds no difference in an emulator with the likely readings', async () => {
		const found = await run(name);
		expect([found.exit, differencesIn(found), refutedIn(found)]).toEqual([EXIT.same, [], []]);
		const { report } = found;
		for (const { request, result } of report?.operations ?? []) {
			const expected = request.startsWith('GET ') ? 'as documented' : 'not tried';
			expect([request, result]).toEqual([request, expected]);
		}
		expect(report?.requests).toBe(emulators[name].journal.requests.length);
		expect(report?.headers).toContain('content-type');
	});

	it('marks an assumption that needs a write as not seen, whatever the emulator does', async () => {
		const { unreadable } = serviceOf(name);
		const others = Object.entries<unknown[]>(OTHERS[name]).filter(([reading]) =>
			assumptionsOf(name, reading).every((assumption) => assumption in unreadable),
		);
		expect(others.length).toBeGreaterThan(2);
		const before = resultsIn(await run(name));
		Object.assign(
			emulators[name].readings,
			Object.fromEntries(others.map(([reading, [other]]) => [reading, other])),
		);
		emulators[name].journal.clear();
		expect(resultsIn(await run(name))).toEqual(before);
		for (const [reading] of others) {
			for (const assumption of assumptionsOf(name, reading)) {
				expect([assumption, before[assumption]]).toEqual([assumption, 'not seen']);
			}
		}
	});
});

function assumptionsOf(name: ServiceName, reading: string): string[] {
	return (ASSUMPTIONS[name] as Record<string, string[]>)[reading] ?? [];
}

type Others<R> = { [K in keyof R]: Array<R[K]> };

const LIST_OTHERS = {
	dateSkewMs: [HOUR, -HOUR],
	order: ['oldest' as const],
	shiftingRows: ['insert' as const, 'delete' as const],
	pageCap: [20],
	laterPageCap: [50],
	total: ['text' as const, 'missing' as const, 'unfiltered' as const, 'ofPage' as const, 1e11],
};

/** For each switch of an emulator, its other positions. */
const OTHERS: {
	kinktree: Others<KinktreeReadings>;
	kindryn: Others<KindrynReadings>;
	klinky: Others<KlinkyReadings>;
} = {
	kinktree: {
		dateSkewMs: LIST_OTHERS.dateSkewMs,
		listShape: ['tags', 'data', 'items', 'single'],
		errorKey: ['error', 'detail'],
		createStatus: [200],
		duplicateStatus: [400],
		deleteAnswer: ['empty204'],
	},
	kindryn: {
		...LIST_OTHERS,
		undocumentedList: ['array'],
		upcomingFalse: ['past'],
		invitationForVerified: ['invitation_sent'],
		existingMemberStatus: [409],
		roleCapStatus: [400],
		bulkStatus: [207],
		bulkOrder: ['reversed'],
		bulkFailureOutcome: ['failed'],
		bulkFailureKey: ['error'],
		unknownReferenceStatus: [400],
		eventEndRequired: [true],
		createEventStatus: [200],
		socialLinks: ['array'],
		rateLimit: [1000],
		rateLimitReset: ['seconds'],
	},
	klinky: {
		...LIST_OTHERS,
		listShape: ['array'],
		validationShape: ['list'],
		createStatus: [200],
		deleteAnswer: ['body'],
		put: ['replace'],
		variantsAnswer: ['variants'],
		window: ['sliding'],
		reset: ['seconds'],
		idempotencyConflict: [422],
		idempotencyMs: [HOUR],
		deletedSlug: ['free'],
		clickKeys: ['timestamp'],
	},
};

/** Switches that need more than the demo data, or that refute more than their own assumption. */
const WITH: Record<string, { prepare?: () => void; refutes?: string[] }> = {
	'kinktree listShape single': { prepare: leaveOneTag },
	'kindryn rateLimitReset seconds': {
		prepare: () => Object.assign(emulators.kindryn.readings, { rateLimit: 1000 }),
		refutes: ['rateLimit'],
	},
	'kindryn pageCap 20': { refutes: ['limit'] },
	'klinky laterPageCap 50': { prepare: doubleLinks },
	'klinky total text': { refutes: ['linkList'] },
	'klinky total missing': { refutes: ['linkList'] },
};

function leaveOneTag(): void {
	const tags = emulators.kinktree.state.tags();
	for (const id of [...tags.keys()].slice(1)) tags.delete(id);
}

function doubleLinks(): void {
	const { state } = emulators.klinky;
	for (const link of [...state.links]) state.addLink({ ...link, id: undefined });
}

describe('a switch of an emulator', () => {
	const visible = SERVICES.flatMap(({ id, checked }) =>
		Object.entries<unknown[]>(OTHERS[id]).flatMap(([reading, others]) =>
			assumptionsOf(id, reading).some((assumption) => checked.includes(assumption))
				? others.map((other) => [id, reading, other] as const)
				: [],
		),
	);

	it('has another position for each reading', () => {
		for (const name of NAMES) {
			expect(Object.keys(OTHERS[name]).sort()).toEqual(Object.keys(LIKELY[name]).sort());
			for (const [reading, others] of Object.entries<unknown[]>(OTHERS[name])) {
				expect(others).not.toContain((LIKELY[name] as unknown as Record<string, unknown>)[reading]);
			}
		}
	});

	it('in the likely position confirms its assumption', async () => {
		// Kindryn announces no unit while it has no limit
		emulators.kindryn.readings.rateLimit = 1000;
		for (const name of NAMES) {
			const results = resultsIn(await run(name));
			const shown = visible.flatMap(([service, reading]) =>
				service === name && reading !== 'rateLimit' ? assumptionsOf(service, reading) : [],
			);
			for (const assumption of shown) {
				expect([assumption, results[assumption]]).toEqual([assumption, 'confirmed']);
			}
		}
	});

	it.each(visible)(
		'of %s refutes its assumption in the report: %s at %s',
		async (name, reading, other) => {
			const { prepare, refutes = [] } = WITH[`${name} ${reading} ${String(other)}`] ?? {};
			prepare?.();
			Object.assign(emulators[name].readings, { [reading]: other });
			const found = await run(name);
			expect(refutedIn(found).sort()).toEqual([...assumptionsOf(name, reading), ...refutes].sort());
			expect(found.exit).toBe(EXIT.differs);
		},
	);
});
