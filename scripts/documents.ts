/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import spawn from 'cross-spawn';

interface Property {
	name: string;
	options?: Array<{ name: string; value?: unknown }>;
	displayOptions?: { show?: { resource?: unknown[] } };
}

/** The part of a node's description that the README repeats. */
export interface DocumentedNode {
	displayName: string;
	properties: Property[];
	/** Whether it is a polling trigger. */
	polling?: boolean;
}

/** The rows under a heading: `owner` is the first cell, which is empty where it stays the same. */
function rowsUnder(readme: string, heading: string): Array<{ owner: string; names: string[] }> {
	const [, section = ''] = readme.split(`\n### ${heading}\n`);
	const [text = ''] = section.split(/\n#{2,3} /);
	let owner = '';
	return [...text.matchAll(/^\|([^|]*)\|([^|]*)\|/gm)].map(([, first = '', names = '']) => {
		owner = first.trim() || owner;
		return { owner, names: names.split(',').map((name) => name.trim()) };
	});
}

/** The operations and trigger events of a node that the README has no row for, in any of its tables. */
export function readmeFaults(
	readme: string,
	{ displayName, properties, polling = false }: DocumentedNode,
): string[] {
	const isTrigger = properties.some(({ name }) => name === 'event');
	const table = isTrigger ? 'Triggers' : displayName;
	const rows = rowsUnder(readme, table);
	const resources = properties.find(({ name }) => name === 'resource')?.options ?? [];
	return properties
		.filter(({ name }) => name === 'operation' || name === 'event')
		.flatMap(({ displayOptions, options = [] }) => {
			const [resource] = displayOptions?.show?.resource ?? [];
			const owner = resources.find(({ value }) => value === resource)?.name ?? displayName;
			const isListed = (name: string) =>
				rows.some((row) => row.owner === owner && row.names.includes(name));
			// That table begins with the events and stands under the same heading
			const hasCost = (name: string) =>
				!polling || rows.some((row) => row.owner.split(', ').includes(name));
			return options.flatMap(({ name }) =>
				[isListed(name) ? '' : table, hasCost(name) ? '' : 'requests']
					.filter((missing) => missing !== '')
					.map(
						(missing) => `README.md has no row for ${owner}: ${name} in the table of ${missing}.`,
					),
			);
		});
}

/**
 * The sentence that is due when nodes or credentials differ from the last tagged version and
 * CHANGELOG.md has no list above that version. Without a tag, everything is new.
 */
export function changelogFault(root: string): string | undefined {
	const git = (...args: string[]) => spawn.sync('git', args, { cwd: root, encoding: 'utf8' });
	const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
	const tag = git('describe', '--tags', '--abbrev=0').stdout.trim();
	const isChanged =
		tag === '' || git('diff', '--quiet', tag, '--', 'nodes', 'credentials').status !== 0;
	const [news = ''] = tag === '' ? [changelog] : changelog.split(`\n## ${tag.slice(1)}`);
	return isChanged && !/^- /m.test(news)
		? `CHANGELOG.md does not tell what changed since ${tag || 'the beginning'}; add a line under "Unreleased".`
		: undefined;
}
