/**
 * All readings of the emulators: how they answer if the services' documents are silent or disagree,
 * and a few lies (`total`, `dateSkewMs`). Pass readings to `startEmulator(service, { readings })`, or set
 * them on `emulator.readings` at any time. For single answers that no document allows, see `Misbehaviour`.
 */
import type { WindowLimit } from './requestWindow';

/** Readings of all services. */
export interface CommonReadings {
	/** By how many ms the Date header is ahead of the emulator's clock; negative when behind. */
	dateSkewMs: number;
}

/** Readings of a list with pages. */
export interface ListReadings extends CommonReadings {
	/** Order of the rows, if the document gives none. */
	order: 'newest' | 'oldest';
	/** Whether a row is added or deleted after each page but the last. */
	shiftingRows: 'none' | 'insert' | 'delete';
	/** Maximum number of rows on a page. The service lowers a larger limit without an error. */
	pageCap: number;
	/** Maximum number of rows on each page after the first, if fewer than on the first. */
	laterPageCap: number;
	/**
	 * The `total` of a page: correct; correct, but as text; left out; of the list without its filters; of
	 * the page's rows alone; or this number. The emulator's own check ignores it.
	 */
	total: 'exact' | 'text' | 'missing' | 'unfiltered' | 'ofPage' | number;
}

export interface KinktreeReadings extends CommonReadings {
	/** Shape of the list: the article says "list" and shows one object. */
	listShape: 'array' | 'tags' | 'data' | 'items' | 'single';
	/** Key of an error's text. */
	errorKey: 'message' | 'error' | 'detail';
	createStatus: 200 | 201;
	/** Status of a create whose identifier is taken. */
	duplicateStatus: 400 | 409;
	/** Answer to a delete: the documented body, or none. */
	deleteAnswer: 'body' | 'empty204';
}

export interface KindrynReadings extends ListReadings {
	/** Answer of the events, courses and coaching lists, which the page does not show. */
	undocumentedList: 'page' | 'array';
	/** Rows that `upcoming=false` selects. */
	upcomingFalse: 'all' | 'past';
	/** Effect of POST /invitations for a verified account: its text and its table differ. */
	invitationForVerified: 'member_created' | 'invitation_sent';
	/** Status for somebody who is a member already. */
	existingMemberStatus: 400 | 409;
	/** Status for a role above that of the key's creator. */
	roleCapStatus: 400 | 403;
	bulkStatus: 200 | 201 | 207;
	/** Order of the bulk results: the service works on entries concurrently. */
	bulkOrder: 'input' | 'reversed';
	/** `outcome` of a bulk entry that failed. */
	bulkFailureOutcome: string;
	/** Key of a failed entry's text. */
	bulkFailureKey: 'message' | 'error';
	/** Status for a space or an author that does not exist. */
	unknownReferenceStatus: 400 | 404;
	/** Whether an event needs an end. */
	eventEndRequired: boolean;
	createEventStatus: 200 | 201;
	/** Shape of a profile's social links. */
	socialLinks: 'object' | 'array';
	/** Requests per minute for each key, with the announced headers; 0 for no limit, as today. */
	rateLimit: number;
	/** Whether the announced X-RateLimit-Reset is a Unix time or a number of seconds. */
	rateLimitReset: 'unix' | 'seconds';
}

export interface KlinkyReadings extends ListReadings {
	/** Answer of the lists: an envelope with `items`, or a bare array. */
	listShape: 'items' | 'array';
	/** `detail` of a 422: a text, or a list of `{loc, msg, type}`. */
	validationShape: 'text' | 'list';
	createStatus: 200 | 201;
	deleteAnswer: 'empty204' | 'body';
	/** Whether PUT keeps absent fields, or sets them back (and then requires the name). */
	put: 'partial' | 'replace';
	/** Answer of PUT …/variants. */
	variantsAnswer: 'link' | 'variants';
	/** The hour: from full hour to full hour, or looking back from each request. */
	window: WindowLimit['kind'];
	/** X-RateLimit-Reset: the documented Unix time, or the seconds to go. */
	reset: 'unix' | 'seconds';
	/** Status when an idempotency key comes again with another body. */
	idempotencyConflict: 409 | 422;
	/** For how many ms an idempotency key is kept. */
	idempotencyMs: number;
	/** Whether a deleted link keeps its slug. */
	deletedSlug: 'taken' | 'free';
	/** Keys of a click's time and variant. */
	clickKeys: 'clicked_at' | 'timestamp';
}

const COMMON: CommonReadings = { dateSkewMs: 0 };

const LISTS: ListReadings = {
	...COMMON,
	order: 'newest',
	shiftingRows: 'none',
	pageCap: 100,
	laterPageCap: 100,
	total: 'exact',
};

/** The likely readings: an emulator starts with them. */
export const LIKELY: {
	kinktree: KinktreeReadings;
	kindryn: KindrynReadings;
	klinky: KlinkyReadings;
} = {
	kinktree: {
		...COMMON,
		listShape: 'array',
		errorKey: 'message',
		createStatus: 201,
		duplicateStatus: 409,
		deleteAnswer: 'body',
	},
	kindryn: {
		...LISTS,
		undocumentedList: 'page',
		upcomingFalse: 'all',
		invitationForVerified: 'member_created',
		existingMemberStatus: 400,
		roleCapStatus: 403,
		bulkStatus: 200,
		bulkOrder: 'input',
		bulkFailureOutcome: 'error',
		bulkFailureKey: 'message',
		unknownReferenceStatus: 404,
		eventEndRequired: false,
		createEventStatus: 201,
		socialLinks: 'object',
		rateLimit: 0,
		rateLimitReset: 'unix',
	},
	klinky: {
		...LISTS,
		listShape: 'items',
		validationShape: 'text',
		createStatus: 201,
		deleteAnswer: 'empty204',
		put: 'partial',
		variantsAnswer: 'link',
		window: 'fixed',
		reset: 'unix',
		idempotencyConflict: 409,
		idempotencyMs: 86_400_000,
		deletedSlug: 'taken',
		clickKeys: 'clicked_at',
	},
};

/**
 * The assumptions of the OpenAPI document (`x-assumptions`) that each reading turns over, so that one name
 * leads from the document to the emulator and to the report of `npm run verify:live`.
 */
export const ASSUMPTIONS: {
	kinktree: Record<keyof KinktreeReadings, string[]>;
	kindryn: Record<keyof KindrynReadings, string[]>;
	klinky: Record<keyof KlinkyReadings, string[]>;
} = {
	kinktree: {
		dateSkewMs: ['dateHeader'],
		listShape: ['listShape'],
		errorKey: ['errorBody'],
		createStatus: ['createStatus'],
		duplicateStatus: ['duplicate'],
		deleteAnswer: ['deleteAnswer'],
	},
	kindryn: {
		dateSkewMs: ['dateHeader'],
		order: ['order'],
		shiftingRows: ['steadyPages'],
		pageCap: ['fullPages'],
		laterPageCap: ['fullPages'],
		total: ['total'],
		undocumentedList: ['eventList', 'courseList', 'sessionList'],
		upcomingFalse: ['upcomingFalse'],
		invitationForVerified: ['invitationForVerified'],
		existingMemberStatus: ['existingMember'],
		roleCapStatus: ['roleCap'],
		bulkStatus: ['bulkAnswer'],
		bulkOrder: ['bulkAnswer'],
		bulkFailureOutcome: ['bulkFailure'],
		bulkFailureKey: ['bulkFailure'],
		unknownReferenceStatus: ['unknownReference'],
		eventEndRequired: ['createEventFields'],
		createEventStatus: ['createEventStatus'],
		socialLinks: ['socialLinks'],
		rateLimit: ['rateLimit'],
		rateLimitReset: ['rateLimitReset'],
	},
	klinky: {
		dateSkewMs: ['dateHeader'],
		order: ['order'],
		shiftingRows: ['steadyPages'],
		pageCap: ['fullPages'],
		laterPageCap: ['fullPages'],
		total: ['total'],
		listShape: ['linkList', 'clickList'],
		validationShape: ['validationDetail'],
		createStatus: ['createStatus'],
		deleteAnswer: ['deleteAnswer'],
		put: ['partialUpdate'],
		variantsAnswer: ['variantsAnswer'],
		window: ['window'],
		reset: ['resetUnit'],
		idempotencyConflict: ['idempotencyKey'],
		idempotencyMs: ['idempotencyKey'],
		deletedSlug: ['deletedSlug'],
		clickKeys: ['click'],
	},
};
