import type { IDataObject } from 'n8n-workflow';

import { isBaseline, toSeenMemory } from '../../../nodes/shared/polling/journal';
import type { PollResult } from '../../../nodes/shared/polling/journal';
import {
	fromEnd,
	pollNewest,
	pollWhole,
	readOn,
	readSideBySide,
} from '../../../nodes/shared/polling/reading';
import {
	ChangingList,
	deletes,
	forHistories,
	inserts,
	Poller,
	reorders,
	troubledPolls,
	wholePolls,
} from './histories';

const PAGE = 4;

const inBaseline = (memory: IDataObject) => isBaseline(toSeenMemory(memory));

/** A trigger that reads the whole list, as that of members does. */
function wholePoller(list: ChangingList, read: typeof readSideBySide | typeof readOn): Poller {
	const look = async (memory: IDataObject | undefined): Promise<PollResult> =>
		await pollWhole(
			list,
			toSeenMemory(memory),
			list.budget,
			async (...reading) => await read(...reading),
		);
	return new Poller(list, look, inBaseline);
}

/** A trigger that reads as far as there is something new, as that of posts does. */
function newestPoller(list: ChangingList): Poller {
	const look = async (memory: IDataObject | undefined): Promise<PollResult> => {
		const known = toSeenMemory(memory);
		if (!known || isBaseline(known)) {
			return await pollWhole(list, known, list.budget, readOn);
		}
		return await pollNewest(list, known, list.budget);
	};
	return new Poller(list, look, inBaseline);
}

/** The same for a list that shows the oldest first. */
function fromEndPoller(list: ChangingList): Poller {
	const look = async (memory: IDataObject | undefined): Promise<PollResult> => {
		const known = toSeenMemory(memory);
		const { reading, ...found } =
			!known || isBaseline(known)
				? await pollWhole(list, known, list.budget, readOn)
				: await pollNewest(fromEnd(list, Number(memory?.total)), known, list.budget);
		const total = reading.total ?? memory?.total ?? reading.rows.length;
		return { ...found, memory: { ...found.memory, total } };
	};
	return new Poller(list, look, inBaseline);
}

const everything = [inserts, deletes, troubledPolls('insert', 'delete')];

/** Without a total nobody can tell that a row moved up to where the list was read already. */
const withoutTotal = [inserts, deletes, troubledPolls('insert')];
const betweenPolls = [inserts, deletes, reorders, wholePolls];

describe('every row once, whatever happens', () => {
	it.each([
		['pages side by side', readSideBySide, {}],
		['one page after the other', readOn, {}],
		['numbered pages', readOn, { isNumbered: true }],
		['pages side by side, without a total', readSideBySide, { hasTotal: false }],
		['one page after the other, without a total', readOn, { hasTotal: false }],
		['fewer rows than asked for', readOn, { cap: 3 }],
		['pages side by side with fewer rows than asked for', readSideBySide, { cap: 3 }],
	])('a whole list: %s', async (_, read, options) => {
		await forHistories(
			'hasTotal' in options ? withoutTotal : everything,
			async (history, start) => {
				const list = new ChangingList('first', PAGE, options);
				list.insert(start, 0);
				const poller = wholePoller(list, read);
				await poller.live(history);
				poller.expectEachOnce();
			},
		);
	});

	it.each([
		['pages side by side', readSideBySide],
		['one page after the other', readOn],
	])('a list of any order, which changes between polls: %s', async (_, read) => {
		await forHistories(betweenPolls, async (history, start) => {
			const list = new ChangingList('anywhere', PAGE);
			list.insert(start, 0);
			const poller = wholePoller(list, read);
			await poller.live(history);
			poller.expectEachOnce();
		});
	});

	it.each([
		['by offset', {}],
		['by offset, with fewer rows than asked for', { cap: 3 }],
		['numbered pages', { isNumbered: true }],
	])('a list that shows the newest first: %s', async (_, options) => {
		await forHistories(everything, async (history, start) => {
			const list = new ChangingList('first', PAGE, options);
			list.insert(start, 0);
			const poller = newestPoller(list);
			await poller.live(history);
			poller.expectEachOnce();
		});
	});

	it.each([
		['with a total', { isNumbered: true }],
		['without a total', { isNumbered: true, hasTotal: false }],
	])('a list that shows the oldest first: %s', async (_, options) => {
		await forHistories(
			'hasTotal' in options ? withoutTotal : everything,
			async (history, start) => {
				const list = new ChangingList('last', PAGE, options);
				list.insert(start, 0);
				const poller = fromEndPoller(list);
				await poller.live(history);
				poller.expectEachOnce();
			},
		);
	});
});
