/* eslint-disable @n8n/community-nodes/no-restricted-imports -- these rules are for code that runs inside n8n */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

import { SERVICES } from '../../emulator';
import type { Services } from './services';

/** Members of an emulator's state that are not data: its set-up, counted requests and open deliveries. */
const NOT_DATA = ['setup', 'windows', 'webhooks'];

type Members = Record<string, unknown>;

/** The emulator's source of made-up values. With its position restored, it repeats no ID. */
const diceOf = (state: Members): Members => (state.setup as { dice: Members }).dice;

/** Saves the data of the emulators to a file. */
export function saveData(services: Services, file: string): void {
	const saved = SERVICES.map((service) => {
		const state = services[service].state as unknown as Members;
		const data = Object.entries(state).filter(([name]) => !NOT_DATA.includes(name));
		return [service, { data: Object.fromEntries(data), thrown: diceOf(state).thrown }];
	});
	writeFileSync(file, serialize(Object.fromEntries(saved)));
}

/** Restores the data that {@link saveData} saved, if there is any. */
export function restoreData(services: Services, file: string): void {
	if (!existsSync(file)) return;
	const saved = deserialize(readFileSync(file)) as Record<
		string,
		{ data: Members; thrown: number }
	>;
	for (const service of SERVICES) {
		const state = services[service].state as unknown as Members;
		const { data, thrown } = saved[service] ?? {};
		Object.assign(state, data);
		if (thrown !== undefined) diceOf(state).thrown = thrown;
	}
}
