import { type Violation, describe } from '../openapi';
import { type List, cutPage } from '../paging';
import { type KlinkyReadings, LIKELY } from '../readings';
import { type WindowLimit, limitHeaders } from '../requestWindow';
import type { Answer, Call, Service } from '../service';
import { addDemoLinks } from './demo';
import {
	type Click,
	type KlinkyKey,
	type KlinkySeed,
	KlinkyState,
	type Link,
	type Variant,
} from './state';

/** Klinky's emulator, as types. */
export interface KlinkyTypes {
	state: KlinkyState;
	readings: KlinkyReadings;
	key: KlinkyKey;
	seed: KlinkySeed;
}

type KlinkyCall = Call<KlinkyTypes>;
type NewLink = Partial<Link> & Pick<Link, 'name' | 'variants'>;

const DAY = 86_400_000;

/** What a PUT that replaces sets back to. */
const DEFAULTS = {
	is_active: true,
	auto_winner: false,
	auto_winner_threshold: 100,
	conversion_redirect_url: null,
	geo_rules: null,
};

const NAME_MISSING: Violation = {
	where: 'body',
	field: ['name'],
	keyword: 'required',
	message: 'is required',
};

/** The Klinky API. */
export const klinky: Service<KlinkyTypes> = {
	name: 'klinky',
	readings: LIKELY.klinky,
	createState: (setup) => {
		const state = new KlinkyState(setup);
		if (setup.seed === 'demo') addDemoLinks(state, setup.now());
		return state;
	},
	presentedSecret: (headers) => headers['x-api-key'],
	wrongMethodStatus: 405,
	failure: (status, detail) => ({ status, body: { detail } }),
	unauthorized: (secret, readings) => {
		const missing = 'Missing API key. Include X-API-Key header.';
		return klinky.failure(401, secret === undefined ? missing : 'Invalid API key.', readings);
	},
	invalid: (violations, { validationShape }) => ({
		status: 422,
		body: {
			detail:
				validationShape === 'list'
					? violations.map(({ where, field, keyword, message }) => ({
							loc: [where, ...field.map((step) => (/^\d+$/u.test(step) ? Number(step) : step))],
							msg: message,
							type: keyword === 'required' ? 'missing' : 'value_error',
						}))
					: violations.map(inWords).join('; '),
		},
	}),
	admit: (call) => {
		const { key, state, readings, now, method } = call;
		if (state.limits[key.plan] === 0) {
			return klinky.failure(403, 'API access is not available on your plan.', readings);
		}
		if (!state.window(key).take(now, windowOf(call))) {
			return klinky.failure(429, 'Rate limit exceeded. Please try again later.', readings);
		}
		return key.readOnly && method !== 'GET'
			? klinky.failure(403, 'This API key can only read.', readings)
			: undefined;
	},
	finish: (answer, call) => {
		const { key, state, readings, now } = call;
		if (state.limits[key.plan] === 0) return answer;
		const window = state.window(key).look(now, windowOf(call));
		const limits = limitHeaders(window, { now, reset: readings.reset, status: answer.status });
		return { ...answer, headers: { ...answer.headers, ...limits } };
	},
	handlers: {
		listLinks: (call) => {
			const { links } = call.state;
			const like = () => call.state.addLink();
			return page(call, { stored: links, selected: links, like });
		},
		createLink: (call) => {
			const idempotencyKey = call.headers['idempotency-key'];
			if (idempotencyKey === undefined) return createLink(call);
			const place = `${call.key.name}/${idempotencyKey}`;
			const first = call.state.remembered.get(place);
			const body = canonical(call.body);
			if (!first || call.now - first.at >= call.readings.idempotencyMs) {
				const answer = createLink(call);
				// A refused request created nothing; the key stays free.
				if (answer.status < 300) call.state.remembered.set(place, { at: call.now, body, answer });
				return answer;
			}
			if (first.body === body) {
				return { ...first.answer, headers: { 'Idempotent-Replayed': 'true' } };
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
				const selected = stored.filter(
					({ at }) =>
						(start === undefined || Date.parse(at) >= Date.parse(start)) &&
						(end === undefined || Date.parse(at) <= endOf(end)),
				);
				const show = (click: Click) => inList(click, link, call.readings.clickKeys);
				const like = () => call.state.addClick(link.id);
				return page(call, { stored, selected, like }, show);
			}),
	},
};

function createLink(call: KlinkyCall): Answer {
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

function withLink(call: KlinkyCall, act: (link: Link) => Answer): Answer {
	const link = call.state.links.find(({ id }) => id === call.params.id);
	return link ? act(link) : klinky.failure(404, 'Link not found.', call.readings);
}

function page<T>(
	{ query, readings }: KlinkyCall,
	list: List<T>,
	show: (row: T) => unknown = (row) => row,
): Answer {
	const { page: number = 1, per_page: limit = 20 } = query as { page?: number; per_page?: number };
	const { rows, size, total, claimedTotal } = cutPage(readings, list, limit, { page: number });
	const items = rows.map(show);
	if (readings.listShape === 'array') return { status: 200, body: items };
	const body = { items, total: claimedTotal, page: number, per_page: size };
	return { status: 200, body, checkedBody: { ...body, total } };
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
	const { ms: windowMs, opens } = state.hour;
	return { limit: state.limits[key.plan], windowMs, kind: readings.window, opens };
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

function refuse({ readings }: KlinkyCall, text: string): Answer {
	const [field = '', message = ''] = text.split(': ');
	const violation: Violation = { where: 'body', field: [field], keyword: 'value', message };
	return { ...klinky.invalid([violation], readings), violations: [text] };
}

function inWords(violation: Violation): string {
	const { field, keyword } = violation;
	// The public pages show `field required: name`.
	return keyword === 'required'
		? `field required: ${field.join('.') || 'body'}`
		: describe(violation);
}

/** The same text for the same JSON, whatever the order of its keys. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}
