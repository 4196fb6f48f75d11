import type { IDataObject, IHttpRequestMethods, INodeParameters } from 'n8n-workflow';

import type { EmulatedServices } from '../../test/emulator';

/*
 * The jobs of a benchmark. Each is written three times: as parameters of this package's node, as
 * parameters of n8n's HTTP Request node, and as bare requests.
 */

export interface BareRequest {
	method: IHttpRequestMethods;
	path: string;
	query?: Record<string, number>;
	body?: unknown;
}

/** A job on a given number of rows. */
export interface Work {
	/** the service's rows at the start */
	seed: object;
	/** the input of the nodes */
	items: IDataObject[];
	/** the fewest requests that do the job */
	requests: BareRequest[];
	/** rows that come out */
	rows: number;
	/** items for the HTTP Request node, if they differ */
	httpItems?: IDataObject[];
}

export interface Job {
	name: string;
	service: keyof EmulatedServices;
	/** Rows, by latency in ms. Fewer if waiting alone would take minutes. */
	amounts: Record<number, number>;
	of(amount: number): Work;
	/** requests in flight at once, as many as this package sends */
	atOnce: number;
	/** whether the job changes the service's data */
	writes?: boolean;
	/** parameters of this package's node */
	parameters: INodeParameters;
	/** for a trigger: polls by latency in ms, after a first poll that does not count */
	polls?: Record<number, number>;
	/** parameters of n8n's HTTP Request node, except the host and the credential */
	httpRequest: INodeParameters;
	/** the key that holds an answer's rows; without it, the answer itself is the row */
	listIn?: string;
}

const PAGE = 100;

/** Pages that this package fetches in parallel. */
const KINDRYN_AT_ONCE = 10;
/** Writes that this package sends in parallel. */
const WRITES_AT_ONCE = 5;

const INVITED_AT_ONCE = 50;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** "Update a Parameter in Each Request" (n8n's documentation, HTTP Request node, Pagination). */
const paged = (name: string, value: string): INodeParameters => ({
	method: 'GET',
	sendQuery: true,
	options: {
		pagination: {
			pagination: {
				paginationMode: 'updateAParameterInEachRequest',
				parameters: { parameters: [{ type: 'qs', name, value }] },
				paginationCompleteWhen: 'other',
				completeExpression: `={{ $pageCount * ${PAGE} >= $response.body.total }}`,
			},
		},
	},
});

const queryOf = (name: string, value: number): INodeParameters => ({
	queryParameters: { parameters: [{ name, value: String(value) }] },
});

const sending = (method: string, body: string): INodeParameters => ({
	method,
	sendBody: true,
	specifyBody: 'json',
	jsonBody: body,
	options: {},
});

const pagesOfMembers = (members: number): BareRequest[] =>
	numbers(Math.ceil(members / PAGE)).map((page) => ({
		method: 'GET',
		path: '/members',
		query: { limit: PAGE, offset: (page - 1) * PAGE },
	}));

const members = {
	service: 'kindryn',
	httpRequest: {
		url: '/members',
		...paged('offset', `={{ $pageCount * ${PAGE} }}`),
		...queryOf('limit', PAGE),
	},
	listIn: 'data',
} as const;

const listMembers = (amounts: Job['amounts']): Omit<Job, 'name'> => ({
	...members,
	amounts,
	of: (rows) => ({
		seed: { members: rows },
		items: [{}],
		requests: pagesOfMembers(rows),
		rows,
	}),
	atOnce: KINDRYN_AT_ONCE,
	parameters: { resource: 'member', operation: 'getAll', returnAll: true },
});

const person = (number: number): IDataObject => ({ email: `person${number}@example.org` });

const link = (number: number): IDataObject => ({
	name: `Link ${number}`,
	url: `https://example.com/${number}`,
});

const tag = (number: number): IDataObject => ({ identifier: `tag-${number}`, code: `C-${number}` });

export const JOBS: readonly Job[] = [
	{ name: 'List 10,000 members', ...listMembers({ 0: 10_000, 50: 10_000, 200: 10_000 }) },
	{ name: 'List 100,000 members', ...listMembers({ 0: 100_000 }) },
	{
		name: 'Invite 3,000 people',
		service: 'kindryn',
		amounts: { 0: 3_000, 50: 600, 200: 300 },
		of(rows) {
			const people = numbers(rows).map(person);
			const batches = numbers(rows / INVITED_AT_ONCE).map((batch) =>
				people.slice((batch - 1) * INVITED_AT_ONCE, batch * INVITED_AT_ONCE),
			);
			return {
				seed: {},
				items: people,
				httpItems: batches.map((batch) => ({ batch })),
				requests: batches.map((body) => ({ method: 'POST', path: '/invitations/bulk', body })),
				rows,
			};
		},
		atOnce: 1,
		writes: true,
		parameters: { resource: 'invitation', operation: 'createMany', email: '={{ $json.email }}' },
		httpRequest: { url: '/invitations/bulk', ...sending('POST', '={{ $json.batch }}') },
		listIn: 'results',
	},
	{
		name: 'Create 200 links',
		service: 'klinky',
		amounts: { 0: 200, 50: 200, 200: 50 },
		of: (rows) => ({
			seed: {},
			items: numbers(rows).map(link),
			requests: numbers(rows).map((number) => ({
				method: 'POST',
				path: '/public/links',
				body: {
					name: `Link ${number}`,
					routing_type: 'ab_test',
					variants: [
						{ label: 'main', destination_url: `https://example.com/${number}`, weight: 100 },
					],
				},
			})),
			rows,
		}),
		atOnce: WRITES_AT_ONCE,
		writes: true,
		parameters: {
			resource: 'link',
			operation: 'create',
			name: '={{ $json.name }}',
			destinationUrl: '={{ $json.url }}',
		},
		httpRequest: {
			url: '/public/links',
			...sending(
				'POST',
				'={{ { name: $json.name, routing_type: "ab_test", variants: [{ label: "main", destination_url: $json.url, weight: 100 }] } }}',
			),
		},
	},
	{
		name: 'Create 200 tags',
		service: 'kinktree',
		amounts: { 0: 200, 50: 200, 200: 50 },
		of: (rows) => ({
			seed: {},
			items: numbers(rows).map(tag),
			requests: numbers(rows).map((number) => ({
				method: 'POST',
				path: '/partners/tags',
				body: { identifier: `tag-${number}`, activationCode: `C-${number}` },
			})),
			rows,
		}),
		atOnce: WRITES_AT_ONCE,
		writes: true,
		parameters: {
			resource: 'tag',
			operation: 'create',
			additionalFields: {
				identifier: '={{ $json.identifier }}',
				activationCode: '={{ $json.code }}',
			},
		},
		httpRequest: {
			url: '/partners/tags',
			...sending('POST', '={{ { identifier: $json.identifier, activationCode: $json.code } }}'),
		},
	},
	{
		name: 'Update 1,000 tags',
		service: 'kinktree',
		amounts: { 0: 1_000, 50: 200, 200: 50 },
		of: (rows) => ({
			seed: { tags: numbers(rows).map((number) => ({ id: `tag-${number}` })) },
			items: numbers(rows).map(tag),
			requests: numbers(rows).map((number) => ({
				method: 'PATCH',
				path: `/partners/tags/tag-${number}`,
				body: { activationCode: `C-${number}` },
			})),
			rows,
		}),
		atOnce: WRITES_AT_ONCE,
		writes: true,
		parameters: {
			resource: 'tag',
			operation: 'update',
			tagId: { __rl: true, mode: 'id', value: '={{ $json.identifier }}' },
			codeSource: 'custom',
			activationCode: '={{ $json.code }}',
		},
		httpRequest: {
			url: '/partners/tags/{{ $json.identifier }}',
			...sending('PATCH', '={{ { activationCode: $json.code } }}'),
		},
	},
	{
		...members,
		name: 'Idle poll, 3,000 members',
		amounts: { 0: 3_000, 50: 3_000, 200: 3_000 },
		of: (rows) => ({
			seed: { members: rows },
			items: [{}],
			requests: pagesOfMembers(PAGE),
			rows: 0,
		}),
		atOnce: 1,
		parameters: { event: 'memberAdded' },
		polls: { 0: 10, 50: 1, 200: 1 },
	},
	{
		name: 'Idle poll, 300 links',
		service: 'klinky',
		amounts: { 0: 300, 50: 300, 200: 300 },
		of: (rows) => ({
			seed: { links: rows },
			items: [{}],
			requests: [{ method: 'GET', path: '/public/links', query: { page: 1, per_page: PAGE } }],
			rows: 0,
		}),
		atOnce: 1,
		parameters: { event: 'linkCreated' },
		polls: { 0: 10, 50: 5, 200: 5 },
		httpRequest: {
			url: '/public/links',
			...paged('page', '={{ $pageCount + 1 }}'),
			...queryOf('per_page', PAGE),
		},
		listIn: 'items',
	},
];
