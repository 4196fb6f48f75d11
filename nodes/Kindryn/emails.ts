import { quoted } from '../shared/fields/field';
import { plain } from '../shared/fields/values';
import { InputError } from '../shared/http/errors';

/** @returns the address unchanged. @throws InputError for what is no e-mail address */
export function checkEmail(entered: string, label: string): string {
	if (/^[^\s@]+@[^\s@]+$/.test(entered)) return entered;
	throw new InputError(
		`'${label}' must be an e-mail address, but is ${quoted(entered)}`,
		'Write the address alone, such as jane@example.com, or check the expression.',
	);
}

/**
 * What all spellings of an e-mail address have in common: whatever the case, whether an accent is a
 * letter of its own, and whether an international domain is in Unicode or in Punycode.
 */
export function addressKey(email: string): string {
	const address = String(plain(email) ?? '');
	const [local = '', domain, ...others] = address.split('@');
	// A URL parser would also take a path and a port for part of it
	if (!domain || others.length > 0 || /[\s/\\?#:%]/.test(domain)) return foldCase(address);
	const url = `http://${domain}`;
	return URL.canParse(url) ? `${foldCase(local)}@${new URL(url).hostname}` : foldCase(address);
}

/** Capital Σ has two small letters: which one depends on its place. */
function foldCase(text: string): string {
	return text.toLowerCase().normalize().replaceAll('ς', 'σ');
}

/**
 * What to search for to find an address in whichever spelling a service holds it.
 *
 * @returns undefined where its spellings have nothing in common
 */
export function searchFor(email: string): string | undefined {
	const key = addressKey(email);
	if (/^[\x21-\x7e]+$/.test(key) && !/[@.]xn--/.test(key)) return email;
	const [local = ''] = key.split('@');
	const [longest] = local.split(/[^\x21-\x7e]+/).sort((a, b) => b.length - a.length);
	return longest || undefined;
}
