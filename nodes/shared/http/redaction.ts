/** Whose secret must not be shown, and which part of it everybody knows. */
export interface Secret {
	value: string;
	/** characters at its beginning that may be shown, e.g. those of "klinky_live_" */
	publicLength: number;
	/** the text that stands in its place */
	mask: string;
}

/** A shorter part of a secret may be an ordinary word. */
const SHORTEST_PART = 6;

/** One character as a person reads it, and the place where it is written. */
interface Read {
	character: string;
	start: number;
	end: number;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** %41, &#65; &#x41; &amp; A, \" and any other character. Each alternative is of bounded length. */
const CHARACTER =
	/%([0-9a-f]{2})|&#(\d{1,7});|&#x([0-9a-f]{1,6});|&(amp|lt|gt|quot|apos);|\\u([0-9a-f]{4})|\\(["\\/])|[^]/gi;

/** Reads a text as if it had not been escaped for an address, HTML or JSON, and without case. */
function readCharacters(text: string): Read[] {
	return Array.from(text.matchAll(CHARACTER), (match) => {
		const [written, percent, decimal, hex, entity, unicode, escaped] = match;
		const code = percent ?? hex ?? unicode;
		let character = entity ? ENTITIES[entity.toLowerCase()] : escaped;
		if (code !== undefined) character = String.fromCharCode(parseInt(code, 16));
		if (decimal !== undefined) character = String.fromCharCode(Number(decimal));
		return {
			character: lowerCase(character ?? written),
			start: match.index,
			end: match.index + written.length,
		};
	});
}

/** Some letters have two small ones; places in the text would no longer fit. */
function lowerCase(character: string): string {
	const small = character.toLowerCase();
	return small.length === character.length ? small : character;
}

/** Words of error texts that a secret may happen to hold. */
const USUAL_WORDS = [
	'authorization',
	'bearer',
	'secret',
	'api key',
	'api_key',
	'password',
	'token',
];

/**
 * Takes a secret out of a text, in capitals and small letters and in any escaped form, also where a
 * service quotes only a part of it. The part that everybody knows stays.
 *
 * @param text at most some thousand characters; takes time in proportion to its length
 * @param publicWords words that stay although the secret holds them, e.g. the service's name
 */
export function redacted(
	text: string,
	secret: Secret,
	publicWords: readonly string[] = [],
): string {
	const { publicLength, mask } = secret;
	if (isHarmless(text, secret)) return text;
	const read = readCharacters(text);
	const plain = textOf(read);
	const { spellings } = readSecret(secret);
	const isPublicWord = (part: string) =>
		[...USUAL_WORDS, ...publicWords].some((word) => word.toLowerCase().includes(part));

	let clean = '';
	let copied = 0;
	for (let from = 0; from < read.length; ) {
		let length = 0;
		let isPublic = true;
		for (const spelling of spellings) {
			const found = partAt(plain, from, spelling);
			if (found <= length) continue;
			const part = plain.slice(from, from + found);
			length = found;
			isPublic =
				spelling.slice(0, publicLength).includes(part) || (part !== spelling && isPublicWord(part));
		}
		if (!isPublic) {
			clean += text.slice(copied, read[from]?.start) + mask;
			copied = read[from + length - 1]?.end ?? text.length;
		}
		from += Math.max(1, length);
	}
	return clean + text.slice(copied);
}

/** What is looked for, in small letters. */
interface ReadSecret {
	/** the whole secret; one that holds "%41" may be repeated as it is, or escaped */
	spellings: Set<string>;
	/** the shortest texts that are a part of it */
	parts: string[];
}

/** There are many texts, and one secret. */
const readSecrets = new WeakMap<Secret, ReadSecret>();

function readSecret(secret: Secret): ReadSecret {
	const known = readSecrets.get(secret);
	if (known) return known;
	const { value } = secret;
	const spellings = new Set([Array.from(value, lowerCase).join(''), textOf(readCharacters(value))]);
	const read = { spellings, parts: Array.from(spellings, partsOf).flat() };
	readSecrets.set(secret, read);
	return read;
}

function partsOf(secret: string): string[] {
	const starts = Math.max(1, secret.length - SHORTEST_PART + 1);
	return Array.from({ length: starts }, (_, start) => secret.slice(start, start + SHORTEST_PART));
}

/** Whether a short look is enough: nothing in the text can be escaped, and no part is there. */
function isHarmless(text: string, secret: Secret): boolean {
	if (secret.value === '') return true;
	if (/[%&\\]|[^ -~]/.test(text)) return false;
	const plain = text.toLowerCase();
	return !readSecret(secret).parts.some((part) => plain.includes(part));
}

function textOf(read: Read[]): string {
	return read.map(({ character }) => character).join('');
}

/** @returns how many characters from a place on are a part of the secret; 0 for too few */
function partAt(plain: string, from: number, secret: string): number {
	const shortest = Math.min(secret.length, SHORTEST_PART);
	const beginning = plain.slice(from, from + shortest);
	if (beginning.length < shortest) return 0;
	let longest = 0;
	for (let at = secret.indexOf(beginning); at !== -1; at = secret.indexOf(beginning, at + 1)) {
		let length = shortest;
		while (at + length < secret.length && plain[from + length] === secret[at + length]) length++;
		longest = Math.max(longest, length);
	}
	return longest;
}
