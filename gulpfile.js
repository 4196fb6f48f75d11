const { readFile, readdir, rm, writeFile } = require('node:fs/promises');

const glob = require('fast-glob');
const { series } = require('gulp');
const tsx = require('tsx/cjs/api');

const { optimiseIcon, packageFaults } = tsx.require('./scripts/assets.ts', __filename);

/** Makes an error that ends the build with these sentences and without a stack trace. */
const refusal = (sentences) =>
	Object.assign(new Error(`The package is not complete.\n${sentences.join('\n')}`), {
		showStack: false,
	});

/** Removes stray pictures: n8n-node build copies every one, even from tests and documents. */
async function prune() {
	const shipped = ['nodes', 'credentials', 'icons'];
	const strays = (await readdir('dist')).filter((entry) => !shipped.includes(entry));
	await Promise.all(strays.map((entry) => rm(`dist/${entry}`, { recursive: true })));
}

async function optimise(path) {
	const svg = await readFile(path, 'utf8');
	try {
		await writeFile(path, optimiseIcon(svg));
	} catch (cause) {
		throw refusal([`${path} is not well-formed SVG: ${cause.message}`]);
	}
}

async function icons() {
	await Promise.all((await glob('dist/**/*.svg')).map(optimise));
}

async function check() {
	const faults = packageFaults(process.cwd());
	if (faults.length > 0) throw refusal(faults);
}

/**
 * Keeps source maps out of the published package: only the coverage of the engine tests needs
 * them. The build writes this file last, so the file also marks a complete build.
 */
async function ignoreMaps() {
	await writeFile('dist/.npmignore', '*.map\n');
}

module.exports = { default: series(prune, icons, check, ignoreMaps) };
