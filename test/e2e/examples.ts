import type { IDataObject } from 'n8n-workflow';

import type { ServiceName } from '../emulator';
import type { Address } from '../emulator/kindryn/webhooks';
import type { Services } from './lib/services';

/** How the result of an example is checked, beside that no node failed. */
export interface ExampleCheck {
	/** The event of an example that starts with a trigger. */
	event?: {
		/** The operation by which the trigger polls; absent for a webhook. */
		operationId?: string;
		service: ServiceName;
		/** Makes it happen, and has the service tell this address if the example listens there. */
		happen: (services: Services, address: Address) => void;
	};
	/** Whether it sleeps until Klinky's hour is over. */
	sleeps?: boolean;
	/** The node whose rows are compared. */
	node: string;
	/** Compares the rows with what the emulator holds. */
	compare: (rows: IDataObject[], services: Services) => void;
}

const DAY = 86_400_000;

const splitOf = (variants: Array<{ label: string; weight: number }>): string =>
	variants.map(({ label, weight }) => `${label} ${weight} %`).join(', ');

const column = (rows: IDataObject[], name: string): unknown[] => rows.map((row) => row[name]);

/** One check for each file in examples/. */
export const EXAMPLE_CHECKS: Record<string, ExampleCheck> = {
	'kindryn-invite-csv.json': {
		node: 'Not invited',
		compare(rows, { kindryn: { state, journal } }) {
			const [sent, ...others] = journal.find({ operationId: 'createInvitations' });
			expect(others).toEqual([]);
			expect(sent?.body).toHaveLength(5);
			expect(column(rows, 'Address')).toEqual([
				'liam.okafor(at)example.org',
				'janick.thiel9@example.org',
				'',
			]);
			for (const { Why } of rows) expect(Why).toMatch(/\w/);
			const people = [...state.invitations, ...state.members].map(({ email }) => email);
			expect(people).toEqual(
				expect.arrayContaining(['noor.haddad@example.org', 'geraldine.tromp320@example.org']),
			);
		},
	},
	'kindryn-invite-list.json': {
		node: 'Invite all',
		compare(rows, { kindryn: { state, journal } }) {
			expect(journal.find({ operationId: 'createInvitations' })).toHaveLength(1);
			const of = (outcome: string) => rows.filter((row) => row.outcome === outcome);
			expect(of('member_created').length).toBeGreaterThan(0);
			for (const { email } of of('member_created')) {
				expect(state.memberOf(String(email))).toBeDefined();
			}
			expect(of('invitation_sent').length).toBeGreaterThan(0);
			const pending = state.invitations.filter(({ status }) => status === 'pending');
			expect(pending.map(({ email }) => email)).toEqual(
				expect.arrayContaining(column(of('invitation_sent'), 'email')),
			);
		},
	},
	'kindryn-next-week.json': {
		node: 'Table',
		compare(rows, { kindryn: { state } }) {
			const now = Date.now();
			const soon = state.events
				.map((event) => ({ ...event, at: Date.parse(event.startsAt) }))
				.filter(({ at }) => at > now && at < now + 7 * DAY)
				.sort((one, other) => one.at - other.at);
			expect(column(rows, 'Event')).toEqual(soon.map(({ title }) => title));
			expect(column(rows, 'Space')).toEqual(
				soon.map(({ spaceId }) => state.spaces.find(({ id }) => id === spaceId)?.name),
			);
		},
	},
	'kindryn-welcome-posts.json': {
		node: 'Posts',
		compare(rows, { kindryn: { state } }) {
			expect(rows.length).toBeGreaterThan(0);
			for (const row of rows) {
				const post = state.posts.find(({ id }) => id === row.Post);
				const author = state.members.find(({ userId }) => userId === post?.authorId);
				expect(row).toMatchObject({ Title: post?.title, Author: author?.name });
				expect(state.members.map(({ name }) => name)).toContain(row.Member);
			}
		},
	},
	'kindryn-trigger-accepted-invitations.json': {
		event: {
			service: 'kindryn',
			operationId: 'listInvitations',
			happen({ kindryn: { state } }) {
				const invitation = state.invitations.find(({ status }) => status === 'pending');
				if (invitation) invitation.status = 'used';
			},
		},
		node: 'Row',
		compare(rows, { kindryn: { state } }) {
			expect(rows).toHaveLength(1);
			const [row] = rows;
			const invitation = state.invitations.find(({ id }) => id === row?.Invitation);
			expect(invitation).toMatchObject({ status: 'used', email: row?.Email });
		},
	},
	'kindryn-trigger-welcome-member.json': {
		event: {
			service: 'kindryn',
			operationId: 'listMembers',
			happen({ kindryn: { state } }) {
				state.addMember({ name: 'Nia Newcomer', email: 'nia.newcomer@example.org' });
			},
		},
		node: 'Posts',
		compare(rows, { kindryn: { state } }) {
			expect(rows).toMatchObject([{ Member: 'Nia Newcomer' }]);
			const written = state.posts.filter(({ title }) => title === 'Welcome, Nia Newcomer');
			expect(column(rows, 'Post')).toEqual(written.map(({ id }) => id));
		},
	},
	'kindryn-webhook-welcome.json': {
		event: {
			service: 'kindryn',
			happen({ kindryn: { state } }, address) {
				state.webhooks.register(address);
				const memberId = state.members[20]?.id;
				state.webhooks.tell('onMemberJoin', { communityId: state.community.id, memberId });
			},
		},
		node: 'Post',
		compare(rows, { kindryn: { state } }) {
			const name = state.members[20]?.name;
			const written = state.posts.filter(({ title }) => title === `Welcome, ${name}`);
			expect(rows).toMatchObject([{ Member: name, Post: written[0]?.id }]);
			expect(written).toHaveLength(1);
		},
	},
	'kinktree-tag-batch.json': {
		node: 'Old and new codes',
		compare(rows, { kinktree: { state } }) {
			const wanted = [...state.tags().values()].filter(
				({ id, locked }) => id.startsWith('club-') && !locked,
			);
			expect(column(rows, 'Tag').sort()).toEqual(wanted.map(({ id }) => id).sort());
			for (const row of rows) {
				expect(row['New code']).toBe(state.tags().get(String(row.Tag))?.activationCode);
				expect(row['New code']).not.toBe(row['Old code']);
			}
		},
	},
	'kinktree-trigger-tag-locked.json': {
		event: {
			service: 'kinktree',
			operationId: 'listTags',
			happen({ kinktree: { state } }) {
				const tag = [...state.tags().values()].find(({ locked }) => !locked);
				if (tag) tag.locked = true;
			},
		},
		node: 'Message',
		compare(rows, { kinktree: { state } }) {
			expect(rows).toHaveLength(1);
			const [, identifier = ''] = /^Tag (\S+)/.exec(String(rows[0]?.Message)) ?? [];
			expect(state.tags().get(identifier)?.locked).toBe(true);
		},
	},
	'klinky-campaign-links.json': {
		node: 'Links to hand out',
		compare(rows, { klinky: { state } }) {
			expect(rows.length).toBeGreaterThan(0);
			for (const row of rows) {
				const links = state.links.filter((link) => link.short_url === row['Short link']);
				expect(links).toMatchObject([{ name: row.Campaign }]);
				expect(splitOf(links[0]?.variants ?? [])).toBe(row.Split);
			}
		},
	},
	'klinky-clicks-by-variant.json': {
		node: 'Clicks by variant',
		compare(rows, { klinky: { state } }) {
			const link = state.links.find(({ slug }) => slug === 'newsletter-16');
			const lastDay = (state.clicks.get(link?.id ?? '') ?? []).filter(
				({ at }) => Date.parse(at) >= Date.now() - DAY,
			);
			expect(rows.length).toBeGreaterThan(0);
			for (const { Variant, Clicks } of rows) {
				expect(lastDay.filter(({ variant }) => variant === Variant)).toHaveLength(Number(Clicks));
			}
		},
	},
	'klinky-hundreds-of-links.json': {
		sleeps: true,
		node: 'Links',
		compare(rows, { klinky: { state } }) {
			expect(rows).toHaveLength(300);
			expect(rows.filter((row) => row['Not made because'] !== '')).toEqual([]);
			const made = state.links.filter(({ name }) => name.startsWith('Flyer '));
			expect(made).toHaveLength(300);
			expect(column(rows, 'Short link')).toEqual(made.map(({ short_url }) => short_url));
		},
	},
	'klinky-traffic-shift.json': {
		node: 'Before and after',
		compare(rows, { klinky: { state } }) {
			const link = state.links.find(({ slug }) => slug === 'newsletter-16');
			expect(rows).toMatchObject([{ Link: link?.name, After: splitOf(link?.variants ?? []) }]);
			expect(rows[0]?.Before).not.toBe(rows[0]?.After);
		},
	},
	'klinky-trigger-clicks-from-country.json': {
		event: {
			service: 'klinky',
			operationId: 'listClicks',
			happen({ klinky: { state } }) {
				const link = state.links.find(({ slug }) => slug === 'newsletter-16');
				for (const country of ['FR', 'DE']) {
					state.addClick(link?.id ?? '', { country, variant: 'control', referrer: null });
				}
			},
		},
		node: 'Message',
		compare(rows) {
			expect(rows).toEqual([{ Message: 'Click from DE, led to control.' }]);
		},
	},
};
