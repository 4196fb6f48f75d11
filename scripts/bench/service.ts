/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- these rules are for code that runs inside n8n */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import type { Address, Question, Traffic } from './server';

type Start = Omit<Extract<Question, { ask: 'start' }>, 'ask'>;

/** Starts the process of the emulated service and talks to it. */
export class Service {
	private readonly child: ChildProcess = fork(resolve(__dirname, 'server.ts'), {
		execArgv: process.execArgv,
	});

	async start(service: Start): Promise<Address> {
		return (await this.ask({ ask: 'start', ...service })) as Address;
	}

	/** @param fresh whether to restore the rows of the start as well */
	async forget(fresh: boolean): Promise<void> {
		await this.ask({ ask: 'forget', fresh });
	}

	async count(): Promise<Traffic> {
		return (await this.ask({ ask: 'count' })) as Traffic;
	}

	stop(): void {
		this.child.disconnect();
	}

	private async ask(question: Question): Promise<unknown> {
		const done = new AbortController();
		const { signal } = done;
		try {
			const answer = once(this.child, 'message', { signal });
			const end = once(this.child, 'exit', { signal }).then(() => {
				throw new Error('The process of the emulated service has ended');
			});
			this.child.send(question);
			return (await Promise.race([answer, end]))[0];
		} finally {
			done.abort();
		}
	}
}
