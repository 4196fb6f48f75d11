/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { NodeRunResult } from './harness';
import {
	byId,
	farFromTheHour,
	kindrynSetup,
	type KlinkySetup,
	klinkySetup,
	type Setup,
} from './setup';
import { inVirtualTime } from './virtualTime';

const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');

/** The texts that the README explains, each with its way out. */
function explained(): Array<{ text: string; wayOut: string }> {
	const [, section = ''] = readme.split('\n## When something goes wrong\n');
	const [table = ''] = section.split('\n## ');
	return [...table.matchAll(/^\| `([^`]+)`\s*\| (\S.*\S)\s*\|$/gm)].map(
		([, text = '', wayOut = '']) => ({ text, wayOut }),
	);
}

/** A quoted text as an expression, in which "…" stands for anything. */
const patternOf = (text: string): RegExp =>
	new RegExp(
		text
			.split('…')
			.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
			.join('.+'),
	);

/** The error, the hints and the errors in rows of a run. */
const shown = ({ error, hints, output }: NodeRunResult): string =>
	[
		error?.message ?? '',
		...hints.map(({ message }) => message),
		...output.map(({ json }) => String(json.error ?? '')),
	].join('\n');

/** Runs in which people meet each text of a service. */
type Encounters<S> = Record<string, (setup: S) => Promise<NodeRunResult>>;

const KLINKY: Encounters<KlinkySetup> = {
	'… could not be reached: …': async ({ emulator, run }) => {
		emulator().misbehave({ drop: 'before', times: Infinity });
		return await inVirtualTime(async () => await run('link.getAll'));
	},
	'Klinky: Invalid API key.': async ({ run }) =>
		await run('link.getAll', { credential: { apiKey: 'klinky_live_of_nobody' } }),
	'Klinky: API access is not available on your plan.': async ({ run, useKey }) => {
		useKey({ plan: 'free' });
		return await run('link.getAll');
	},
	'Klinky takes no more requests until …': async ({ leave, run, useKey }) => {
		useKey({ plan: 'growth' });
		leave(1);
		const parameters = { name: 'A link', destinationUrl: 'https://x.example/' };
		return await run('link.create', { parameters, items: [{}, {}] });
	},
	'… returned a web page instead of JSON': async ({ emulator, run }) => {
		emulator().misbehave({ html: true });
		return await run('link.getAll');
	},
	"'Weight' must add up to 100 over all variants, but …": async ({ run }) => {
		const variant = ['a', 'b'].map((label) => ({
			...{ label, destinationUrl: `https://${label}.example/`, weight: 60 },
		}));
		const parameters = { name: 'A test', routingType: 'ab_test', variants: { variant } };
		return await run('link.create', { parameters });
	},
	"'Limit' cut the result: … of …": async ({ emulator, run }) => {
		for (let link = 0; link < 3; link++) emulator().state.addLink();
		return await run('link.getAll', { parameters: { limit: 2 } });
	},
};

const KINDRYN: Encounters<Setup<'kindryn'>> = {
	'Kindryn: API key does not have "…" scope': async ({ emulator, run }) =>
		await run('member.getAll', { credential: { apiKey: emulator().secretOf('unscoped') } }),
	'Kindryn did not invite "…": …': async ({ emulator, run }) => {
		const { email } = emulator().state.addMember();
		return await run('invitation.createMany', {
			items: [{ email }, { email: 'somebody.new@example.org' }],
			parameters: { email: '={{ $json.email }}' },
			onError: 'continueRegularOutput',
		});
	},
	'… It may have been carried out: look at …': async ({ emulator, run }) => {
		const { id } = emulator().state.addSpace();
		const { userId } = emulator().state.addMember();
		emulator().misbehave({ match: { operationId: 'createPost' }, drop: 'after' });
		return await run('post.create', {
			parameters: { spaceId: byId(id), authorId: byId(userId), body: 'Hello' },
		});
	},
};

const quotes = explained().map(({ text }) => text);

describe('the README', () => {
	it('explains ten texts, each once and with a way out', () => {
		expect(new Set(quotes).size).toBe(10);
		expect(quotes).toHaveLength(10);
		for (const { wayOut } of explained()) expect(wayOut).toMatch(/^[A-Z].{30,}\.$/);
	});

	it('explains exactly the texts that these tests provoke', () => {
		expect([...quotes].sort()).toEqual([KLINKY, KINDRYN].flatMap(Object.keys).sort());
	});

	describe('quotes the words of the Klinky nodes', () => {
		const setup = klinkySetup({ now: farFromTheHour });
		it.each(Object.entries(KLINKY))('when it explains "%s"', async (text, meet) => {
			expect(shown(await meet(setup))).toMatch(patternOf(text));
		});
	});

	describe('quotes the words of the Kindryn nodes', () => {
		const setup = kindrynSetup();
		it.each(Object.entries(KINDRYN))('when it explains "%s"', async (text, meet) => {
			expect(shown(await meet(setup))).toMatch(patternOf(text));
		});
	});
});
