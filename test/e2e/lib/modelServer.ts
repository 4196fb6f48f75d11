/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject } from 'n8n-workflow';

/** What n8n sends to a model, as far as it is looked at. */
interface ChatRequest {
	messages: Array<{ role: string; content: unknown }>;
	tools?: Array<{ function: { name: string } }>;
	stream?: boolean;
}

/** A model that calls the first tool it is given, once, and keeps what comes back. */
export interface ModelServer {
	/** base address of its API, which is that of OpenAI */
	readonly url: string;
	/** The arguments of the next calls. */
	callWith(args: IDataObject): void;
	/** What the tool answered to the latest call, as the model reads it. */
	readonly told: string | undefined;
	stop(): Promise<void>;
}

function completion(message: IDataObject, stream: boolean): string {
	const reason = message.tool_calls ? 'tool_calls' : 'stop';
	const choice = { index: 0, finish_reason: reason, [stream ? 'delta' : 'message']: message };
	return JSON.stringify({
		...{ id: 'chatcmpl-1', created: 1, model: 'test', choices: [choice] },
		object: stream ? 'chat.completion.chunk' : 'chat.completion',
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	});
}

/** Starts a model server on this machine. */
export async function startModelServer(): Promise<ModelServer> {
	let args: IDataObject = {};
	let told: string | undefined;

	const reply = ({ messages, tools }: ChatRequest): IDataObject => {
		const last = messages.at(-1);
		if (last?.role === 'tool') {
			told = typeof last.content === 'string' ? last.content : JSON.stringify(last.content);
			return { role: 'assistant', content: 'Done.' };
		}
		const call = { name: tools?.[0]?.function.name, arguments: JSON.stringify(args) };
		return {
			role: 'assistant',
			content: null,
			tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: call }],
		};
	};

	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const asked = JSON.parse(Buffer.concat(chunks).toString()) as ChatRequest;
			const stream = asked.stream === true;
			const body = completion(reply(asked), stream);
			response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
			response.end(stream ? `data: ${body}\n\ndata: [DONE]\n\n` : body);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		callWith(wanted) {
			args = wanted;
			told = undefined;
		},
		get told() {
			return told;
		},
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
