const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');

const sourceMapOf = (path) =>
	existsSync(`${path}.map`) ? readFileSync(`${path}.map`, 'utf8') : '';

/**
 * Jest transformer for the built package: the code stays as it is, and its source map goes with
 * it, so that Istanbul counts what engine tests run in dist for the TypeScript it was made from.
 */
module.exports = {
	process(code, path) {
		const map = sourceMapOf(path);
		return { code, map: map === '' ? null : JSON.parse(map) };
	},

	// The map changes without the code when a comment moves lines, hence its part in the key.
	getCacheKey(code, path, { instrument }) {
		return createHash('sha256')
			.update([code, path, sourceMapOf(path), String(instrument)].join('\0'))
			.digest('hex');
	},
};
