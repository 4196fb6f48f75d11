import { Faker, base, en } from '@faker-js/faker';
import type { KlinkyState, Link, Variant } from './state';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** More than one page of 100. */
const LINKS = 130;

const CAMPAIGNS = [
	'Spring sale',
	'Newsletter',
	'Homepage hero',
	'Podcast sponsor',
	'Partner page',
	'Webinar',
	'App download',
	'Referral programme',
];

const COUNTRIES = ['US', 'DE', 'GB', 'FR', 'NL', 'BR', 'IN', 'JP'];
const REFERRERS = ['https://news.example', 'https://social.example', 'https://mail.example', null];
const DEVICES = ['mobile', 'mobile', 'desktop', 'tablet'];

/**
 * Fills an account with realistic links (one destination, A/B tests, geo routing) and a month of
 * clicks, some of them from the last day. The same `now` (ms) gives the same data.
 */
export function addDemoLinks(state: KlinkyState, now: number): void {
	const faker = new Faker({ locale: [en, base] });
	faker.seed(2026);
	for (let number = 0; number < LINKS; number += 1) {
		const campaign = CAMPAIGNS[number % CAMPAIGNS.length] ?? '';
		const round = 1 + Math.floor(number / CAMPAIGNS.length);
		const slug = `${campaign.toLowerCase().replace(/\W+/gu, '-')}-${round}`;
		const age = (LINKS - number) * 5 * HOUR;
		const link = state.addLink({
			name: `${campaign} ${round}`,
			slug,
			is_active: number % 9 !== 8,
			auto_winner: number % 4 === 1,
			created_at: new Date(now - 35 * DAY - age).toISOString(),
			...targetsOf(number, slug),
		});
		// A few links are busy and most are quiet, as in real life.
		const count = number % 10 === 1 ? 150 : faker.number.int({ max: 8 });
		const times = Array.from({ length: count }, () => faker.number.int({ min: 1, max: 30 * DAY }));
		for (const ago of times.sort((a, b) => b - a)) {
			const draw = faker.number.int({ min: 1, max: 100 });
			state.addClick(link.id, {
				at: new Date(now - ago).toISOString(),
				variant: drawVariant(link.variants, draw),
				country: faker.helpers.arrayElement(COUNTRIES),
				referrer: faker.helpers.arrayElement(REFERRERS),
				device: faker.helpers.arrayElement(DEVICES),
				ip: `198.51.100.${faker.number.int({ max: 255 })}`.replace(/\d+$/u, '0'),
			});
		}
	}
}

function targetsOf(
	number: number,
	slug: string,
): Pick<Link, 'routing_type' | 'geo_rules' | 'variants'> {
	const to = (label: string, weight: number): Variant => ({
		label,
		destination_url: `https://shop.example.com/${slug}/${label}`,
		weight,
	});
	if (number % 5 === 0) {
		return { routing_type: 'ab_test', geo_rules: null, variants: [to('main', 100)] };
	}
	if (number % 5 === 4) {
		return {
			routing_type: 'geo',
			geo_rules: { default: 'world', DE: 'europe', FR: 'europe', NL: 'europe' },
			variants: [to('world', 50), to('europe', 50)],
		};
	}
	const variants = [to('control', 50), to('variant_b', 50)];
	if (number % 5 === 3)
		variants.splice(0, 2, to('control', 34), to('variant_b', 33), to('variant_c', 33));
	return { routing_type: 'ab_test', geo_rules: null, variants };
}

function drawVariant(variants: Variant[], draw: number): string {
	let sum = 0;
	return variants.find(({ weight }) => (sum += weight) >= draw)?.label ?? '';
}
