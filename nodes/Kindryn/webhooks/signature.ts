import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Checks the signature of a body, in constant time.
 *
 * @param signature the header: `sha256=` and the HMAC-SHA256 of the body, in lower-case hexadecimal
 * @param secret trimmed first; an empty secret accepts nothing
 */
export function isSigned(body: Uint8Array, signature: unknown, secret: string): boolean {
	const key = secret.trim();
	const digits = typeof signature === 'string' ? SIGNATURE.exec(signature)?.[1] : undefined;
	if (key === '' || digits === undefined) return false;
	const right = createHmac('sha256', key).update(body).digest();
	return timingSafeEqual(right, Buffer.from(digits, 'hex'));
}
