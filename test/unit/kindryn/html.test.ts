import fc from 'fast-check';

import { excerpt, paragraphs } from '../../../nodes/Kindryn/html';
import { endsSoon } from '../endsSoon';

describe('paragraphs', () => {
	it.each([
		['one line', '<p>one line</p>'],
		['one\ntwo', '<p>one<br>two</p>'],
		['one\r\ntwo\rthree', '<p>one<br>two<br>three</p>'],
		['one\n\ntwo', '<p>one</p><p>two</p>'],
		['one\r\n \t\r\n\n\ntwo', '<p>one</p><p>two</p>'],
		['\n\n  one  \n\n', '<p>one</p>'],
		['<script>alert("x")</script>', '<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</p>'],
		["Tom & Ann's &amp;", '<p>Tom &amp; Ann&#39;s &amp;amp;</p>'],
		['', ''],
	])('turns %j into %j', (text, html) => {
		expect(paragraphs(text)).toBe(html);
	});

	it('lets no tag or entity through, and keeps every visible character', () => {
		const shown = (html: string) =>
			html
				.replaceAll(/<\/?p>|<br>/g, '')
				.replaceAll('&lt;', '<')
				.replaceAll('&gt;', '>')
				.replaceAll('&quot;', '"')
				.replaceAll('&#39;', "'")
				.replaceAll('&amp;', '&');
		const text = fc.string({ unit: fc.constantFrom(...`a<>&"'/;p \n\r\t`), maxLength: 60 });
		fc.assert(
			fc.property(text, (entered) => {
				const html = paragraphs(entered);
				expect(html.replaceAll(/<\/?p>|<br>/g, '')).not.toMatch(
					/[<>"']|&(?!(amp|lt|gt|quot|#39);)/,
				);
				expect(shown(html).replaceAll(/\s/g, '')).toBe(entered.replaceAll(/\s/g, ''));
			}),
		);
	});
});

describe('an excerpt of HTML', () => {
	it.each([
		['<p>Good <b>morning</b></p><p>all</p>', 'Good morning all'],
		['<p>0123456789 0123456789 0123</p>', '0123456789 012345678…'],
		['0123456789 01234567😀9', '0123456789 01234567…'],
		['1 < 2 <b>and</b> <', '1 < 2 and <'],
		['', ''],
	])('of %j is %j', (html, text) => {
		expect(excerpt(html, 20)).toBe(text);
	});
});

describe('a text of 400,000 characters', () => {
	it.each(['<', '<a ', '<>', '\n ', '\r', ' ', '&', '\n\u00a0'])(
		'does not block n8n when it repeats %j',
		(piece) => {
			const text = piece.repeat(400_000 / piece.length);
			endsSoon(() => excerpt(text, 60));
			endsSoon(() => paragraphs(`a${text}b`));
		},
	);
});
