const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');

const sourceMapOf = (path) =>
	existsSync(`${path}.map`) ? readFileSync(`${path}.map`, 'utf8') : '';

/**
 * Jest transformer for the built package. It leaves the code alone and adds the source map, so that
 * Istanbul counts the coverage of dist by engine tests for the TypeScript sources.
 */
module.exports = {
	process(code, path) {
		const map = sourceMapOf(path);
		return { code, map: map === '' ? null : JSON.parse(map) };
	},

	// If a comment moves lines, the map changes without the code, so the key includes both.
	getCacheKey(code, path, { instrument }) {
		return createHash('sha256')
			.update([code, path, sourceMapOf(path), String(instrument)].join('\0'))
			.digest('hex');
	},
};
