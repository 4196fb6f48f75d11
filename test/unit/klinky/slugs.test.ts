import { slugIn } from '../../../nodes/Klinky/slugs';
import { endsSoon } from '../endsSoon';

describe('a slug', () => {
	it.each([
		['summer-sale', 'summer-sale'],
		['/summer-sale/', 'summer-sale'],
		['summer-sale?utm_source=x', 'summer-sale'],
		['https://klinky.io/summer-sale', 'summer-sale'],
		['http://klinky.io/summer-sale/', 'summer-sale'],
		['HTTPS://Klinky.IO/Summer-Sale', 'Summer-Sale'],
		['klinky.io/summer-sale#top', 'summer-sale'],
		['https://www.klinky.io/summer-sale?a=1/2', 'summer-sale'],
		['https://klinky.io/caf%C3%A9', 'café'],
		['a', 'a'],
	])('is read from %j', (entered, slug) => {
		expect(slugIn(entered)).toBe(slug);
	});

	it.each([
		'https://klinky.io/',
		'https://klinky.io',
		'https://klinky.io.evil.example/summer',
		'https://other.example/summer',
		'ftp://klinky.io/summer',
		'summer/sale',
		'https://klinky.io/summer%2Fsale',
		'summer sale',
		'100%',
		'00000000-0000-4000-8000-000000000001',
		'?',
	])('is not found in %j, and the error shows a valid example', (entered) => {
		expect(() => slugIn(entered)).toThrow(
			expect.objectContaining({
				message: `'Link' must be a slug or a short link, but is "${entered}"`,
				description: expect.stringContaining('https://klinky.io/summer-sale'),
			}),
		);
	});

	it.each(['/', '%', 'https://', 'klinky.io/', '?'])(
		'is quickly searched for in many %j',
		(piece) => {
			endsSoon(() => expect(() => slugIn(piece.repeat(1000))).toThrow());
		},
	);
});
