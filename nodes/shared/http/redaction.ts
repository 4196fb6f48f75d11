/** A secret that must not be shown, and its public beginning. */
export interface Secret {
	value: string;
	/** length of the beginning that may be shown, e.g. of "klinky_live_" */
	publicLength: number;
	/** replaces the secret */
	mask: string;
}

/** Shortest part of a secret to remove: anything shorter may be an ordinary word. */
const SHORTEST_PART = 6;

/** A character as a person reads it, and its place in the text. */
interface Read {
	character: string;
	start: number;
	end: number;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** %41, &#65; &#x41; &amp; A, \" or any other character. Each alternative has a bounded length. */
const CHARACTER =
	/%([0-9a-f]{2})|&#(\d{1,7});|&#x([0-9a-f]{1,6});|&(amp|lt|gt|quot|apos);|\\u([0-9a-f]{4})|\\(["\\/])|[^]/gi;

/** Undoes escaping for addresses, HTML and JSON, and ignores case. */
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

/** A letter whose lower case is longer stays as it is, so that places in the text still match. */
function lowerCase(character: string): string {
	const small = character.toLowerCase();
	return small.length === character.length ? small : character;
}

/** Words of error texts that may happen to be part of a secret. Shorter ones are never hidden. */
const USUAL_WORDS = ['authorization', 'bearer', 'secret', 'api key', 'api_key', 'password'];

/**
 * Removes a secret from a text, in upper and lower case and in any escaped form, even if only a part of
 * the secret is quoted. The public beginning stays.
 *
 * @param text at most some thousand characters; the time grows with its length
 * @param publicWords words to keep even if the secret contains them, e.g. the service's name
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

/** A secret in lower case, ready for searching. */
interface ReadSecret {
	/** the whole secret as it is and unescaped: a service may repeat one with "%41" in it either way */
	spellings: Set<string>;
	/** every part of the shortest length that counts */
	parts: string[];
}

/** One secret is searched for in many texts. */
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

/** A quick check. @returns true if the text has no escaped character and no part of the secret */
function isHarmless(text: string, secret: Secret): boolean {
	if (secret.value === '') return true;
	if (/[%&\\]|[^ -~]/.test(text)) return false;
	const plain = text.toLowerCase();
	return !readSecret(secret).parts.some((part) => plain.includes(part));
}

function textOf(read: Read[]): string {
	return read.map(({ character }) => character).join('');
}

/** @returns how many characters from a place on are part of the secret; 0 if too few */
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
