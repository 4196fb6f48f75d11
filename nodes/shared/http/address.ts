import { asText } from './answer';
import { InputError } from './errors';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Longest address, in characters. Servers accept no more. */
const LONGEST_ADDRESS = 2048;

export interface AddressRules {
	/** the parameter's name in the panel */
	label: string;
	/** added if only a host was given, e.g. `/api/public/v1` */
	path?: string;
	/** whether `https://` may be missing */
	schemeOptional?: boolean;
	/** whether http:// is accepted for other machines */
	allowInsecureHttp?: boolean;
	/** advice if http:// is refused */
	insecureAdvice?: string;
	/** the secret, which someone may have pasted here */
	secret?: string;
}

/**
 * Checks and normalises a pasted address.
 *
 * @returns an absolute http(s) address without a trailing slash
 * @throws InputError when it is empty or not an address, has a user, a query or a fragment, or would
 * send the secret unencrypted to another machine
 */
export function normaliseAddress(pasted: unknown, rules: AddressRules): string {
	const { label, secret } = rules;
	const text = asText(pasted)?.trim() ?? '';
	if (text === '') {
		throw new InputError(`'${label}' is empty`, `Open the credential and fill in '${label}'.`);
	}
	if (text.length > LONGEST_ADDRESS) {
		throw new InputError(
			`'${label}' is ${text.length} characters long, so it is not an address`,
			'Open the credential and write the address alone, e.g. https://api.example.com/v1.',
		);
	}
	if (isSecretIn(text, secret)) {
		throw new InputError(
			`'${label}' contains the secret itself`,
			'Open the credential and write the address of the service there. Put the secret into its own field only.',
		);
	}
	if (/^https?:?[/\\]/i.test(text) && !/^https?:\/\//i.test(text)) {
		throw new InputError(
			`'${label}' must begin with https://, with a colon and two slashes`,
			'Open the credential and correct the beginning of the address.',
		);
	}
	const hasScheme = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(text);
	if (!hasScheme && !rules.schemeOptional) {
		throw new InputError(
			// The message does not quote the value: it may be the secret
			`'${label}' does not start with https://`,
			'Open the credential and write the whole address, e.g. https://api.example.com/v1.',
		);
	}
	const url = parse(hasScheme ? text : `https://${text}`, label);
	if (!hasScheme && !/[.:]/.test(url.host) && url.hostname !== 'localhost') {
		// A single word may be the secret, so the message does not quote it and nobody looks it up as a host
		throw new InputError(
			`'${label}' is a single word, which is not an address`,
			'Write the whole address, such as community.example.com. For a host in your own network, put https:// before its name.',
		);
	}

	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		throw new InputError(
			`'${label}' starts with ${url.protocol}// – only https:// can be used`,
			'Open the credential and correct the address.',
		);
	}
	if (url.username || url.password || url.search || url.hash) {
		throw new InputError(
			`'${label}' may contain only a host and a path`,
			'Remove a user name, a password and everything from "?" or "#" on.',
		);
	}
	if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname) && !rules.allowInsecureHttp) {
		throw new InputError(
			`'${label}' starts with http://, which would send the secret unencrypted to ${url.hostname}`,
			rules.insecureAdvice ??
				'Use https://. A plain http:// address is accepted for this machine (localhost) only.',
		);
	}

	return url.origin + withApiPath(withoutTrailingSlashes(url.pathname), rules.path);
}

/** A short secret may be part of an address by chance. */
function isSecretIn(text: string, secret = ''): boolean {
	return secret.length >= 8 && text.toLowerCase().includes(secret.toLowerCase());
}

function withoutTrailingSlashes(path: string): string {
	let end = path.length;
	while (path[end - 1] === '/') end--;
	return path.slice(0, end);
}

function withApiPath(path: string, apiPath: string | undefined): string {
	if (!apiPath || path.endsWith(apiPath)) return path;
	// People paste any part of the API's path: /api, /api/public, /api/public/v1
	const parts = apiPath.split('/').slice(1);
	for (let kept = parts.length - 1; kept > 0; kept--) {
		const beginning = `/${parts.slice(0, kept).join('/')}`;
		if (path.endsWith(beginning)) return path.slice(0, -beginning.length) + apiPath;
	}
	return path + apiPath;
}

function parse(text: string, label: string): URL {
	if (!URL.canParse(text)) {
		throw new InputError(`'${label}' is not an address`, 'Open the credential and correct it.');
	}
	return new URL(text);
}

/**
 * A path of the API with its variable parts percent-encoded: apiPath\`/partners/tags/${tagId}\`.
 *
 * @throws InputError for a part that is empty, "." or ".." (which would address something else), or
 * too long to be an identifier
 */
export function apiPath(texts: TemplateStringsArray, ...parts: string[]): string {
	return texts.reduce((path, text, index) => path + segment(parts[index - 1] ?? '') + text);
}

/** Longest identifier, in characters. Servers on Node.js refuse addresses from 16 kB on. */
const LONGEST_SEGMENT = 1024;

/** Encodes one part of a path. @throws InputError as {@link checkId} does */
function segment(value: string): string {
	return encodeURIComponent(checkId(value, 'ID'));
}

/**
 * @param label the parameter's name in the panel
 * @returns the ID unchanged
 * @throws InputError for an ID that cannot stand in an address
 */
export function checkId(value: string, label: string): string {
	if (value.trim() === '') {
		throw new InputError(`'${label}' is empty`, 'Pick an entry from the list or enter its ID.');
	}
	if (value === '.' || value === '..') {
		throw new InputError(
			`'${label}' cannot be "${value}"`,
			'It would lead to something else. Pick an entry from the list or enter its ID.',
		);
	}
	if (value.length > LONGEST_SEGMENT) {
		throw new InputError(
			`'${label}' is ${value.length} characters long, which is too long for an ID ("${value.slice(0, 40)}…")`,
			'Check the expression: it may return a whole text or document instead of the ID.',
		);
	}
	if (/\p{Surrogate}/u.test(value)) {
		throw new InputError(
			`'${label}' contains half of a character, so it cannot be sent`,
			'Check the expression: it may cut a text in the middle of an emoji.',
		);
	}
	return value;
}
