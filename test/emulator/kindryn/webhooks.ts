/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Setup } from '../service';

/** Pauses between the tries, in ms: "up to 5 more tries after 1, 2, 4, 8 and 16 s". */
export const PAUSES = [1000, 2000, 4000, 8000, 16_000];

/** Time limit for an answer, in ms: "none within 10 s". */
const ANSWER_TIME = 10_000;

/** The webhook as entered in the settings of the community. */
export interface Address {
	url: string;
	/** The signing secret. */
	secret: string;
}

/** The body of a delivery. */
export interface Envelope {
	event: string;
	payload: Record<string, unknown>;
	deliveryId: string;
	timestamp: string;
}

/** How a delivery departs from the guide. */
export interface Switches {
	/** Writes the body that is then signed (default: the envelope as JSON). */
	write?: (envelope: Envelope) => string;
	/** Replaces the signature; `undefined` sends none. */
	sign?: (right: string) => string | undefined;
	/** Changes the body after it was signed. */
	change?: (body: string) => string;
	/** Extra headers, which replace headers with the same name. */
	headers?: Record<string, string>;
	/** How many copies of each try to send at once (default 1). */
	copies?: number;
}

/** One request for a delivery. */
export interface Try {
	/** Absent when there was no answer. */
	status?: number;
	/** The answer's text, or the error's message. */
	text: string;
	/** Time until the answer, in ms. */
	time: number;
}

/** One event and the tries to deliver it. */
export interface Delivery {
	envelope: Envelope;
	switches: Switches;
	tries: Try[];
}

/** Whether the answer to a try keeps Kindryn from trying again. */
export const isAccepted = ({ status = 0 }: Try): boolean => status >= 200 && status < 300;

/** A payload with a text of the given length. */
export const padding = (length: number): Record<string, unknown> => ({ text: 'x'.repeat(length) });

/** The webhook of a community (integration guide, "Kindryn webhooks"). */
export class Webhooks {
	/** All deliveries, in the order of their events. */
	readonly deliveries: Delivery[] = [];

	/** How long to wait before each further try, in ms; one entry for each further try. */
	pauses = PAUSES;

	private address?: Address;

	private readonly underWay = new Set<Promise<unknown>>();

	constructor(private readonly setup: Pick<Setup<never>, 'now' | 'dice'>) {}

	/** Sends all further events to this address. */
	register(address: Address): void {
		this.address = address;
	}

	/** Sends an event in the background if an address is registered. */
	tell(event: string, payload: Envelope['payload']): void {
		if (!this.address) return;
		const sending = this.send(event, payload).finally(() => this.underWay.delete(sending));
		this.underWay.add(sending);
	}

	/** Resolves once all events sent in the background have arrived or have been given up. */
	async settled(): Promise<void> {
		await Promise.all(this.underWay);
	}

	/** Sends an event, and tries again after each pause until a try is accepted. */
	async send(
		event: string,
		payload: Envelope['payload'],
		switches: Switches = {},
	): Promise<Delivery> {
		const envelope: Envelope = {
			event,
			payload,
			deliveryId: `whd_${this.setup.dice.text(24, '0123456789abcdefghijklmnopqrstuvwxyz')}`,
			timestamp: new Date(this.setup.now()).toISOString(),
		};
		const delivery: Delivery = { envelope, switches, tries: [] };
		this.deliveries.push(delivery);
		for (const pause of [0, ...this.pauses]) {
			if (pause > 0) await sleep(pause, undefined, { ref: false });
			if ((await this.repeat(delivery)).some(isAccepted)) break;
		}
		return delivery;
	}

	/** Sends a delivery once more, even if it was accepted. */
	async repeat(delivery: Delivery): Promise<Try[]> {
		const { copies = 1 } = delivery.switches;
		const tries = await Promise.all(
			Array.from({ length: copies }, async () => await this.try(delivery)),
		);
		delivery.tries.push(...tries);
		return tries;
	}

	/** Sends `count` events at once. */
	async flood(
		count: number,
		event: string,
		payloadOf: (number: number) => Envelope['payload'],
	): Promise<Delivery[]> {
		return await Promise.all(
			Array.from({ length: count }, async (_, number) => await this.send(event, payloadOf(number))),
		);
	}

	private async try({ envelope, switches }: Delivery): Promise<Try> {
		if (!this.address) throw new Error('No address is registered for webhooks');
		const { url, secret } = this.address;
		const { write = JSON.stringify, change = (same) => same, headers } = switches;
		const { sign = (same) => same } = switches;
		const body = write(envelope);
		const signature = sign(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
		const begin = performance.now();
		const time = () => performance.now() - begin;
		try {
			const answer = await fetch(url, {
				method: 'POST',
				headers: {
					'Content-Type': 'application/json',
					'User-Agent': 'Kindryn-Webhook/1.0',
					'X-Kindryn-Event': envelope.event,
					'X-Kindryn-Delivery': envelope.deliveryId,
					...(signature === undefined ? {} : { 'X-Kindryn-Signature': signature }),
					...headers,
				},
				body: change(body),
				redirect: 'manual',
				signal: AbortSignal.timeout(ANSWER_TIME),
			});
			return { status: answer.status, text: await answer.text(), time: time() };
		} catch (error) {
			return { text: error instanceof Error ? error.message : String(error), time: time() };
		}
	}
}
