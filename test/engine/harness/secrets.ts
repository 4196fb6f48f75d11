/** A place where a secret was found. */
export interface SecretFinding {
	/** For example `data.resultData.runData.Node[0].error.cause.message`. */
	path: string;
	secret: string;
}

/** The Base64 digits that depend only on these bytes, `offset` bytes into a longer text. */
const base64At = (bytes: Buffer, offset: number): string =>
	Buffer.concat([Buffer.alloc(offset), bytes])
		.toString('base64')
		.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));

/** The forms of a secret in text, in a URL, as bytes, and anywhere in a Basic header. */
const spellings = (secret: string): string[] => {
	const bytes = Buffer.from(secret);
	return [
		secret,
		encodeURIComponent(secret),
		bytes.toString('hex'),
		...[0, 1, 2].map((offset) => base64At(bytes, offset)),
	];
};

const step = (key: PropertyKey): string =>
	/^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`;

const valueOf = (holder: object, key: PropertyKey): unknown => {
	try {
		return Reflect.get(holder, key) as unknown;
	} catch {
		return undefined; // a getter that throws shows nothing to a reader either
	}
};

const childrenOf = (value: object): Array<[string, unknown]> => {
	if (ArrayBuffer.isView(value)) {
		const { buffer, byteOffset, byteLength } = value;
		return [['.bytes', Buffer.from(buffer, byteOffset, byteLength).toString('latin1')]];
	}
	const entries: Array<[string, unknown]> = Reflect.ownKeys(value).flatMap((key) => [
		[`${step(key)} (name)`, String(key)],
		[step(key), valueOf(value, key)],
	]);
	if (value instanceof Map) entries.push(['.entries', [...value]]);
	if (value instanceof Set) entries.push(['.values', [...value]]);
	return entries;
};

/**
 * Searches everything that a value can reach for secrets: own properties (also hidden ones, such as
 * an error's message, stack and cause), property names, maps, sets and bytes. It finds secrets that
 * are plain, percent-encoded, Base64 or hexadecimal.
 *
 * @param value any value: a run's result, an error, a log, a poller's state
 * @param secrets the secrets, each at least 6 characters, because shorter ones match by chance
 * @returns one finding for each place and secret
 * @throws RangeError if a secret is too short to search for
 */
export const findSecrets = (value: unknown, secrets: readonly string[]): SecretFinding[] => {
	const wanted = secrets.map((secret) => {
		if (secret.length < 6) throw new RangeError('A secret to search for has 6 characters or more');
		return { secret, spelled: spellings(secret) };
	});
	const findings: SecretFinding[] = [];
	const seen = new Set<object>();
	const open: Array<[string, unknown]> = [['', value]];
	// The list grows during the loop, so that each place is found by its shortest path.
	for (const [path, current] of open) {
		if (typeof current === 'string') {
			for (const { secret, spelled } of wanted) {
				if (spelled.some((text) => current.includes(text))) {
					findings.push({ path: path.replace(/^\./, ''), secret });
				}
			}
		} else if (
			(typeof current === 'object' || typeof current === 'function') &&
			current !== null &&
			!seen.has(current)
		) {
			seen.add(current);
			for (const [key, child] of childrenOf(current)) open.push([path + key, child]);
		}
	}
	return findings;
};
