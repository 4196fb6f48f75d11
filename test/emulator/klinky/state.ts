import { RequestWindow } from '../requestWindow';
import type { Answer, Key, Setup } from '../service';

/** Plans with API access ("Rate Limits"); `free` stands for plans without it. */
export type Plan = 'growth' | 'scale' | 'free';

export interface KlinkyKey extends Key {
	plan: Plan;
	/** Publishable keys can only read. */
	readOnly: boolean;
}

export interface Variant {
	label: string;
	destination_url: string;
	weight: number;
}

export interface Link {
	id: string;
	name: string;
	slug: string;
	short_url: string;
	is_active: boolean;
	routing_type: 'ab_test' | 'geo';
	geo_rules: Record<string, string> | null;
	auto_winner: boolean;
	auto_winner_threshold: number;
	enable_conversion_tracking: boolean;
	conversion_redirect_url: string | null;
	variants: Variant[];
	created_at: string;
}

export interface Click {
	id: string;
	/** ISO time. */
	at: string;
	/** Label of the variant. */
	variant: string;
	country: string;
	referrer: string | null;
	device: string;
	/** Anonymised. */
	ip: string;
}

/** Links to start with: their number, or the links with their clicks. Missing fields are made up. */
export interface KlinkySeed {
	links?: number | Array<Partial<Link> & { clicks?: number | Array<Partial<Click>> }>;
}

/** The answer to a create that carried an idempotency key. */
export interface Remembered {
	/** In ms. */
	at: number;
	body: string;
	answer: Answer;
}

const SLUG_ALPHABET = 'abcdefghijkmnopqrstuvwxyz23456789';

/** One account's links and clicks. All lists are in the order of creation. */
export class KlinkyState {
	readonly keys: Record<string, KlinkyKey> = {};

	/** Requests per hour of each plan ("Rate Limits"). */
	readonly limits: Record<Plan, number> = { growth: 100, scale: 1000, free: 0 };
	/** The hour of the rate limit: its length, and a time at which one starts, in ms. Tests shorten it. */
	readonly hour = { ms: 3_600_000, opens: 0 };

	readonly links: Link[] = [];

	/** Deleted links. Klinky deletes softly, so a deleted link keeps its slug. */
	readonly deleted: Link[] = [];

	/** Clicks by link id. */
	readonly clicks = new Map<string, Click[]>();

	/** First answers by key name and idempotency key. */
	readonly remembered = new Map<string, Remembered>();

	readonly windows = new Map<string, RequestWindow>();

	constructor(private readonly setup: Setup<KlinkySeed>) {
		this.addKey({ name: 'main' });
		this.addKey({ name: 'scale', plan: 'scale' });
		this.addKey({ name: 'free', plan: 'free' });
		this.addKey({ name: 'readonly', readOnly: true, secret: 'klinky_pk_emulator_readonly' });
		if (setup.seed !== 'demo') for (const link of rowsOf(setup.seed.links)) this.addLink(link);
	}

	/** Adds a key and returns it. */
	addKey(key: Partial<KlinkyKey> & { name: string }): KlinkyKey {
		const secret = `klinky_live_emulator_${key.name}`;
		const added: KlinkyKey = { secret, plan: 'growth', readOnly: false, ...key };
		this.keys[added.name] = added;
		return added;
	}

	window(key: KlinkyKey): RequestWindow {
		const window = this.windows.get(key.name) ?? new RequestWindow();
		this.windows.set(key.name, window);
		return window;
	}

	/** Adds a link with its clicks, and makes up missing fields. */
	addLink({ clicks, ...link }: Partial<Link> & { clicks?: number | Array<Partial<Click>> } = {}) {
		const slug = link.slug ?? this.setup.dice.text(8, SLUG_ALPHABET);
		const added: Link = {
			id: link.id ?? this.setup.dice.uuid(),
			name: link.name ?? `Link ${this.links.length + 1}`,
			slug,
			short_url: `https://klinky.io/${slug}`,
			is_active: link.is_active ?? true,
			routing_type: link.routing_type ?? 'ab_test',
			geo_rules: link.geo_rules ?? null,
			auto_winner: link.auto_winner ?? false,
			auto_winner_threshold: link.auto_winner_threshold ?? 100,
			enable_conversion_tracking: link.enable_conversion_tracking ?? false,
			conversion_redirect_url: link.conversion_redirect_url ?? null,
			variants: link.variants ?? [
				{ label: 'control', destination_url: 'https://a.example.com', weight: 50 },
				{ label: 'variant_b', destination_url: 'https://b.example.com', weight: 50 },
			],
			created_at: link.created_at ?? new Date(this.setup.now()).toISOString(),
		};
		this.links.push(added);
		for (const click of rowsOf(clicks)) this.addClick(added.id, click);
		return added;
	}

	/** Adds a click to a link. Throws if there is no such link. */
	addClick(linkId: string, click: Partial<Click> = {}): Click {
		const link = this.links.find(({ id }) => id === linkId);
		if (!link) throw new Error(`No link ${linkId}`);
		const added: Click = {
			id: click.id ?? this.setup.dice.uuid(),
			at: click.at ?? new Date(this.setup.now()).toISOString(),
			variant: click.variant ?? link.variants[0]?.label ?? '',
			country: click.country ?? 'US',
			referrer: click.referrer ?? null,
			device: click.device ?? 'desktop',
			ip: click.ip ?? '203.0.113.0',
		};
		const clicks = this.clicks.get(linkId) ?? [];
		clicks.push(added);
		this.clicks.set(linkId, clicks);
		return added;
	}
}

function rowsOf<T>(rows: number | T[] | undefined): Array<T | Record<string, never>> {
	return typeof rows === 'number' ? Array.from({ length: rows }, () => ({})) : (rows ?? []);
}
