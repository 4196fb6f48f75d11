/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import glob from 'fast-glob';

import { findSecrets } from '../../engine/harness/secrets';
import { installedN8n } from './installations';
import { run } from './processes';

/** A script that prints all rows of an SQLite database as JSON. It needs a Node with SQLite. */
const DUMP = `
	const { DatabaseSync } = require('node:sqlite');
	const database = new DatabaseSync(process.argv[1], { readOnly: true });
	const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
	const dump = {};
	for (const { name } of tables) {
		dump[name] = database.prepare('SELECT * FROM "' + name + '"').all();
	}
	const text = (key, value) =>
		value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
	process.stdout.write(JSON.stringify(dump, text));
`;

/** Every row of every table of an n8n's SQLite database, by table. */
export async function readDatabase(
	userFolder: string,
): Promise<Record<string, Array<Record<string, unknown>>>> {
	const file = join(userFolder, '.n8n', 'database.sqlite');
	const text = await run(installedN8n('newest').node, ['--no-warnings', '-e', DUMP, file]);
	return JSON.parse(text) as Record<string, Array<Record<string, unknown>>>;
}

/** Everything that an n8n has written. */
export interface WrittenData {
	/** Every row of its database. */
	database: unknown;
	userFolders: string[];
	logs: string[];
}

/**
 * Searches everything that n8n has written: its database, and the bytes of its files. They include
 * logs, the event log, and rows that SQLite has deleted but not yet overwritten.
 *
 * @returns the places where a secret was found
 */
export function searchForSecrets(
	{ database, userFolders, logs }: WrittenData,
	secrets: string[],
): string[] {
	const written = userFolders.flatMap((cwd) =>
		glob.sync('.n8n/**', {
			cwd,
			dot: true,
			absolute: true,
			ignore: ['**/node_modules/**', '**/.cache/**'],
		}),
	);
	const files = Object.fromEntries(
		[...written, ...logs].map((file) => [file, readFileSync(file, 'latin1')]),
	);
	return findSecrets({ database, files }, secrets).map(({ path }) => path);
}
