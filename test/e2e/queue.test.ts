/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IDataObject, INode } from 'n8n-workflow';

import { type ServiceName, SERVICES } from '../emulator';
import { thisPackage } from './lib/package';
import { Processes, waitFor } from './lib/processes';
import { type QueueMode, startQueueMode } from './lib/queueMode';
import type { Release } from './lib/installations';
import type { Workflow } from './lib/rest';
import { credentialOf, FACES, type Services, startServices, stopServices } from './lib/services';
import { withCredentials } from './lib/workflows';

const RELEASE = (process.env.QUEUE_RELEASE ?? 'newest') as Release;
const CALLS = 200;
const HOLD = 10_000;

describe('explore', () => {
	it('runs', async () => {
		const t0 = Date.now();
		const log = (...a: unknown[]) =>
			process.stderr.write(
				`${((Date.now() - t0) / 1000).toFixed(1)} ${a.map((x) => (typeof x === 'string' ? x : JSON.stringify(x))).join(' ')}\n`,
			);
		const folder = mkdtempSync(join(tmpdir(), 'queue-'));
		log(folder);
		const processes = new Processes(folder);
		const services = await startServices();
		try {
			const queue = await startQueueMode(
				RELEASE,
				processes,
				process.env.STALL ? { QUEUE_WORKER_MAX_STALLED_COUNT: process.env.STALL } : {},
			);
			log('up');
			const { client, main, workers } = queue;
			const ids: Record<string, { id: string; name: string }> = {};
			for (const s of SERVICES) {
				const c = credentialOf(s, services[s]);
				if (s === 'klinky') c.data.apiKey = services.klinky.secretOf('scale');
				const saved = await client.saveCredential(c);
				ids[c.type] = { id: saved.id, name: saved.name };
			}
			const params: Record<ServiceName, IDataObject> = {
				kinktree: {
					resource: 'tag',
					operation: 'create',
					additionalFields: { activationCode: '={{ $json.body.code }}' },
				},
				kindryn: {
					resource: 'post',
					operation: 'create',
					spaceId: { __rl: true, mode: 'id', value: services.kindryn.state.spaces[0]!.id },
					authorId: { __rl: true, mode: 'id', value: services.kindryn.state.members[0]!.userId },
					body: 'x',
					additionalFields: { title: '={{ $json.body.code }}' },
				},
				klinky: {
					resource: 'link',
					operation: 'create',
					name: '={{ $json.body.code }}',
					routingType: 'single',
					destinationUrl: 'https://example.com/',
					additionalFields: {},
					options: {},
				},
			};
			const wf: Record<string, string> = {};
			for (const s of SERVICES) {
				const w: Workflow = {
					name: s,
					nodes: [
						{
							id: `${s}-1`,
							webhookId: `queue-${s}`,
							name: 'Call',
							type: 'n8n-nodes-base.webhook',
							typeVersion: 2,
							position: [0, 0],
							parameters: { httpMethod: 'POST', path: `queue-${s}`, options: {} },
						} as INode,
						{
							id: `${s}-2`,
							name: 'Write',
							type: `${thisPackage().name}.${s}`,
							typeVersion: 1,
							position: [200, 0],
							parameters: params[s],
						} as INode,
					],
					connections: { Call: { main: [[{ node: 'Write', type: 'main', index: 0 }]] } },
					settings: { executionOrder: 'v1' },
				};
				const saved = await client.saveWorkflow(withCredentials(w, ids));
				await client.activate(saved);
				wf[s] = saved.id;
			}
			log('published');
			const OP = { kinktree: 'createTag', kindryn: 'createPost', klinky: 'createLink' };
			const rules = SERVICES.map((s) =>
				services[s].misbehave({
					match: { operationId: OP[s] },
					skip: 33,
					times: Infinity,
					delayMs: HOLD,
				}),
			);
			const writes = (s: ServiceName) => services[s].journal.find({ operationId: OP[s] });
			let next = 0;
			await Promise.all(
				Array.from({ length: 10 }, async () => {
					while (next < CALLS) {
						const n = next++;
						const s = SERVICES[n % 3]!;
						const r = await fetch(`${main.url}/webhook/queue-${s}`, {
							method: 'POST',
							headers: { 'content-type': 'application/json' },
							body: JSON.stringify({ code: `call-${n}` }),
						});
						const text = await r.text();
						if (!r.ok || n === 0) log(n, r.status, text);
					}
				}),
			);
			log('called');
			await waitFor(
				{ what: 'held', timeout: 120000, interval: 50 },
				() =>
					SERVICES.flatMap(writes).filter((e) => e.status === undefined).length >= 10 || undefined,
			);
			log(
				'held',
				workers.map((w) => w.began.length),
			);
			await workers[0].program.kill();
			for (const r of rules) r.cancel();
			const lost = workers[0].unfinished;
			log('killed; unfinished', lost);
			const states = async () =>
				new Map(
					(
						await Promise.all(
							Object.values(wf).map(async (id) => [...(await client.executionStates(id))]),
						)
					).flat(),
				);
			let last = '';
			await waitFor({ what: 'all ended', timeout: 240000, interval: 1000 }, async () => {
				const st = [...(await states()).values()];
				const counts = JSON.stringify(
					Object.fromEntries([...new Set(st)].map((x) => [x, st.filter((y) => y === x).length])),
				);
				if (counts !== last) log((last = counts));
				return (
					(st.length >= CALLS && st.every((x) => !['new', 'running', 'waiting'].includes(x))) ||
					undefined
				);
			}).catch((e) => log(String(e)));
			const st = await states();
			log(
				'total',
				st.size,
				'began',
				workers.map((w) => w.began.length),
			);
			const all = workers.flatMap((w) => w.began);
			log(
				'began twice',
				all.filter((id, i) => all.indexOf(id) !== i),
			);
			for (const id of lost) {
				log(id, st.get(id));
				const e = await client.execution(id);
				log(JSON.stringify(e).slice(0, 3000));
			}
			for (const s of SERVICES) {
				const w = writes(s);
				const code = (b: any) => b.activationCode ?? b.title ?? b.name;
				const codes = w.map((e) => code(e.body));
				log(
					s,
					'requests',
					w.length,
					'distinct',
					new Set(codes).size,
					'twice',
					codes.filter((c, i) => codes.indexOf(c) !== i),
				);
			}
			log(
				'klinky links',
				services.klinky.state.links.filter((l) => l.name.startsWith('call-')).length,
			);
			// retry
			for (const id of lost) {
				try {
					const r = await client.call('POST', `/executions/${id}/retry`, { loadWorkflow: false });
					log('retry', id, JSON.stringify(r).slice(0, 300));
				} catch (e) {
					log('retry', id, String(e));
				}
			}
			await new Promise((r) => setTimeout(r, 5000));
			for (const s of SERVICES) log(s, 'requests', writes(s).length);
			log(
				'klinky links',
				services.klinky.state.links.filter((l) => l.name.startsWith('call-')).length,
			);
			if (process.env.HANG)
				await new Promise((r) => setTimeout(r, Number(process.env.HANG) * 1000));
		} finally {
			log('stopping');
			await processes.stopAll();
			await stopServices(services);
			log('stopped', folder);
		}
	}, 600_000);
});
