/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached the trap. */
export interface Arrival {
	method: string;
	url: string;
	/** As sent, so that tests find leaked secrets in them. Never print them. */
	headers: Record<string, string | string[] | undefined>;
	body: string;
}

/** A server on a port of its own that records whatever arrives. */
export interface Trap {
	/** `http://127.0.0.1:<port>` */
	url: string;
	arrivals: Arrival[];
	/** Whether the text, plain or percent-encoded, arrived in an address, a header or a body. */
	saw(text: string): boolean;
	stop(): Promise<void>;
}

/** Starts a trap on a free loopback port, to prove that a redirect carries no secret away. */
export async function startTrap(): Promise<Trap> {
	const arrivals: Arrival[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			arrivals.push({
				method: request.method ?? '',
				url: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString('utf8'),
			});
			response.setHeader('content-type', 'application/json').end('{"trapped":true}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		arrivals,
		saw: (text) =>
			arrivals.some(({ url, headers, body }) =>
				[url, JSON.stringify(Object.values(headers)), body].some(
					(part) => part.includes(text) || part.includes(encodeURIComponent(text)),
				),
			),
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}
