import { type Breach, describe } from '../openapi';
import type { WindowLimit } from '../requestWindow';
import type { Call, Reply, Service } from '../service';
import {
	type Click,
	type KlinkyKey,
	type KlinkySeed,
	KlinkyState,
	type Link,
	type Variant,
} from './state';

/** Where Klinky's pages are silent or differ, the readings that the real service may follow. */
export interface KlinkyReadings {
	/** Answer of the lists: an envelope with `items`, or a bare array. */
	listShape: 'items' | 'array';
	order: 'newest' | 'oldest';
	/** What happens to a list after each of its pages but the last. */
	shiftingRows: 'none' | 'insert' | 'delete';
	/** `detail` of a 422: a text, or a list of `{loc, msg, type}`. */
	validationShape: 'text' | 'list';
	createStatus: 200 | 201;
	deleteAnswer: 'empty204' | 'body';
	/** Whether PUT keeps what is not sent, or sets it back (and asks for the name). */
	put: 'partial' | 'replace';
	/** What PUT …/variants answers. */
	variantsAnswer: 'link' | 'variants';
	/** The hour: from full hour to full hour, or looking back from each request. */
	window: WindowLimit['kind'];
	/** X-RateLimit-Reset: the documented Unix time, or the seconds to go. */
	reset: 'unix' | 'seconds';
	/** Answer to an idempotency key that comes again with another body. */
	idempotencyConflict: 409 | 422;
	/** For how many ms an idempotency key is kept. */
	idempotencyMs: number;
	/** Whether a deleted link keeps its slug. */
	deletedSlug: 'taken' | 'free';
	/** Keys of a click's time and variant. */
	clickKeys: 'clicked_at' | 'timestamp';
}

/** Klinky's emulator, as types. */
export interface KlinkyTypes {
	state: KlinkyState;
	readings: KlinkyReadings;
	key: KlinkyKey;
	seed: KlinkySeed;
}

type KlinkyCall = Call<KlinkyTypes>;
type NewLink = Partial<Link> & Pick<Link, 'name' | 'variants'>;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const READS = ['listLinks', 'getLink', 'listClicks'];

/** What a PUT that replaces sets back to. */
const DEFAULTS = {
	is_active: true,
	auto_winner: false,
	auto_winner_threshold: 100,
	conversion_redirect_url: null,
	geo_rules: null,
};

const NAME_MISSING: Breach = {
	where: 'body',
	field: ['name'],
	keyword: 'required',
	message: 'is required',
};

/** The Klinky API. */
export const klinky: Service<KlinkyTypes> = {
	name: 'klinky',
	readings: {
		listShape: 'items',
		order: 'newest',
		shiftingRows: 'none',
		validationShape: 'text',
		createStatus: 201,
		deleteAnswer: 'empty204',
		put: 'partial',
		variantsAnswer: 'link',
		window: 'fixed',
		reset: 'unix',
		idempotencyConflict: 409,
		idempotencyMs: DAY,
		deletedSlug: 'taken',
		clickKeys: 'clicked_at',
	},
	createState: (setup) => new KlinkyState(setup),
	presentedSecret: (headers) => headers['x-api-key'],
	wrongMethodStatus: 405,
	failure: (status, detail) => ({ status, body: { detail } }),
	unauthorized: (secret, readings) => {
		const missing = 'Missing API key. Include X-API-Key header.';
		return klinky.failure(401, secret === undefined ? missing : 'Invalid API key.', readings);
	},
	invalid: (breaches, { validationShape }) => ({
		status: 422,
		body: {
			detail:
				validationShape === 'list'
					? breaches.map(({ where, field, keyword, message }) => ({
							loc: [where, ...field.map((step) => (/^\d+$/u.test(step) ? Number(step) : step))],
							msg: message,
							type: keyword === 'required' ? 'missing' : 'value_error',
						}))
					: breaches.map(inWords).join('; '),
		},
	}),
	admit: (call) => {
		const { key, state, readings, now, operationId } = call;
		if (state.limits[key.plan] === 0) {
			return klinky.failure(403, 'API access is not available on your plan.', readings);
		}
		if (!state.window(key).take(now, windowOf(call))) {
			return klinky.failure(429, 'Rate limit exceeded. Please try again later.', readings);
		}
		return key.readOnly && !READS.includes(operationId)
			? klinky.failure(403, 'This API key can only read.', readings)
			: undefined;
	},
	finish: (reply, call) => {
		const { key, state, readings, now } = call;
		if (state.limits[key.plan] === 0) return reply;
		const { remaining, resetsAt } = state.window(key).look(now, windowOf(call));
		const seconds = Math.max(1, Math.ceil((resetsAt - now) / 1000));
		const headers = {
			...reply.headers,
			'X-RateLimit-Limit': String(state.limits[key.plan]),
			'X-RateLimit-Remaining': String(remaining),
			'X-RateLimit-Reset': String(readings.reset === 'unix' ? Math.ceil(resetsAt / 1000) : seconds),
			...(reply.status === 429 && { 'Retry-After': String(seconds) }),
		};
		return { ...reply, headers };
	},
	handlers: {
		listLinks: (call) => {
			const { links } = call.state;
			return page(call, links, links, () => call.state.addLink());
		},
		createLink: (call) => {
			const idempotencyKey = call.headers['idempotency-key'];
			if (idempotencyKey === undefined) return createLink(call);
			const place = `${call.key.name}/${idempotencyKey}`;
			const first = call.state.remembered.get(place);
			const body = canonical(call.body);
			if (!first || call.now - first.at >= call.readings.idempotencyMs) {
				const reply = createLink(call);
				// A refused request created nothing; the key stays free.
				if (reply.status < 300) call.state.remembered.set(place, { at: call.now, body, reply });
				return reply;
			}
			if (first.body === body) {
				return { ...first.reply, headers: { 'Idempotent-Replayed': 'true' } };
			}
			const detail = 'Idempotency-Key was used with a different request.';
			return klinky.failure(call.readings.idempotencyConflict, detail, call.readings);
		},
		getLink: (call) => withLink(call, (link) => ({ status: 200, body: link })),
		updateLink: (call) =>
			withLink(call, (link) => {
				const changes = call.body as Partial<Link>;
				const wrong = wrongRules(changes.geo_rules, link.variants);
				if (wrong) return refuse(call, wrong);
				if (call.readings.put === 'replace' && changes.name === undefined) {
					return klinky.invalid([NAME_MISSING], call.readings);
				}
				const kept = call.readings.put === 'replace' ? DEFAULTS : {};
				return { status: 200, body: Object.assign(link, kept, changes) };
			}),
		deleteLink: (call) =>
			withLink(call, (link) => {
				call.state.links.splice(call.state.links.indexOf(link), 1);
				call.state.deleted.push(link);
				if (call.readings.deleteAnswer === 'empty204') return { status: 204 };
				return { status: 200, body: { message: 'Link deleted' } };
			}),
		replaceVariants: (call) =>
			withLink(call, (link) => {
				const variants = call.body as Variant[];
				const wrong = wrongVariants(variants);
				if (wrong) return refuse(call, wrong);
				link.variants = variants;
				const { variantsAnswer } = call.readings;
				return { status: 200, body: variantsAnswer === 'link' ? link : link.variants };
			}),
		listClicks: (call) =>
			withLink(call, (link) => {
				const stored = call.state.clicks.get(link.id) ?? [];
				const { start_date: start, end_date: end } = call.query as Record<string, string>;
				const rows = stored.filter(
					({ at }) =>
						(start === undefined || Date.parse(at) >= Date.parse(start)) &&
						(end === undefined || Date.parse(at) <= endOf(end)),
				);
				const show = (click: Click) => inList(click, link, call.readings.clickKeys);
				return page(call, rows, stored, () => call.state.addClick(link.id), show);
			}),
	},
};

function createLink(call: KlinkyCall): Reply {
	const { state, readings } = call;
	const body = call.body as NewLink;
	const noRules = body.routing_type === 'geo' && !body.geo_rules && 'geo_rules: required for geo';
	const wrong =
		wrongVariants(body.variants) ??
		wrongRules(body.geo_rules, body.variants) ??
		(noRules || undefined);
	if (wrong !== undefined) return refuse(call, wrong);
	const others =
		readings.deletedSlug === 'taken' ? [...state.links, ...state.deleted] : state.links;
	if (body.slug !== undefined && others.some(({ slug }) => slug === body.slug)) {
		return klinky.failure(409, `Slug "${body.slug}" is already taken.`, readings);
	}
	return { status: readings.createStatus, body: structuredClone(state.addLink(body)) };
}

function withLink(call: KlinkyCall, act: (link: Link) => Reply): Reply {
	const link = call.state.links.find(({ id }) => id === call.params.id);
	return link ? act(link) : klinky.failure(404, 'Link not found.', call.readings);
}

function page<T>(
	{ query, readings }: KlinkyCall,
	selected: T[],
	stored: T[],
	add: () => T,
	show: (row: T) => unknown = (row) => row,
): Reply {
	const { page: number = 1, per_page: size = 20 } = query as { page?: number; per_page?: number };
	const rows = readings.order === 'newest' ? [...selected].reverse() : [...selected];
	const from = (number - 1) * size;
	const items = rows.slice(from, from + size).map(show);
	if (from + size < rows.length && rows[0] !== undefined) {
		if (readings.shiftingRows === 'insert') add();
		if (readings.shiftingRows === 'delete') stored.splice(stored.indexOf(rows[0]), 1);
	}
	const envelope = { items, total: rows.length, page: number, per_page: size };
	return { status: 200, body: readings.listShape === 'items' ? envelope : items };
}

function inList({ at, variant, ...click }: Click, link: Link, keys: KlinkyReadings['clickKeys']) {
	const named =
		keys === 'clicked_at' ? { clicked_at: at, variant_label: variant } : { timestamp: at, variant };
	return { ...click, ...named, link_id: link.id };
}

/** A date without a time means its whole day. */
function endOf(date: string): number {
	return Date.parse(date) + (date.includes('T') ? 0 : DAY - 1);
}

function windowOf({ state, key, readings }: KlinkyCall): WindowLimit {
	return { limit: state.limits[key.plan], windowMs: HOUR, kind: readings.window };
}

/** What a schema cannot say of variants: unique labels, and weights that sum to 100. */
function wrongVariants(variants: Variant[]): string | undefined {
	const labels = variants.map(({ label }) => label);
	if (new Set(labels).size < labels.length) return 'variants: labels must be unique';
	const sum = variants.reduce((total, { weight }) => total + weight, 0);
	return sum === 100 ? undefined : `variants: weights must sum to 100, not ${sum}`;
}

function wrongRules(rules: Link['geo_rules'] | undefined, variants: Variant[]): string | undefined {
	const unknown = Object.values(rules ?? {}).find(
		(label) => !variants.some((variant) => variant.label === label),
	);
	return unknown === undefined ? undefined : `geo_rules: no variant is labelled "${unknown}"`;
}

function refuse({ readings }: KlinkyCall, text: string): Reply {
	const [field = '', message = ''] = text.split(': ');
	const breach: Breach = { where: 'body', field: [field], keyword: 'value', message };
	return { ...klinky.invalid([breach], readings), violations: [text] };
}

function inWords(breach: Breach): string {
	const { field, keyword } = breach;
	// The public pages show `field required: name`.
	return keyword === 'required' ? `field required: ${field.join('.') || 'body'}` : describe(breach);
}

/** The same text for the same JSON, whatever the order of its keys. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}
