import { describe } from '../openapi';
import type { Call, Reply, Service } from '../service';
import { type KinktreeKey, type KinktreeSeed, KinktreeState, type KinktreeTag } from './state';

/** Where Kinktree's article is silent, the readings that a real service may follow. */
export interface KinktreeReadings {
	/** Shape of the list: the article says "list" and shows one object. */
	listShape: 'array' | 'tags' | 'data' | 'items' | 'single';
	/** Key of an error's text. */
	errorKey: 'message' | 'error' | 'detail';
	/** Status of a create. */
	createStatus: 200 | 201;
	/** Status of a create whose identifier is taken. */
	duplicateStatus: 400 | 409;
	/** Answer to a delete: the documented body, or none. */
	deleteAnswer: 'body' | 'empty204';
}

/** Kinktree's emulator, as types. */
export interface KinktreeTypes {
	state: KinktreeState;
	readings: KinktreeReadings;
	key: KinktreeKey;
	seed: KinktreeSeed;
}

/** Kinktree partner tags, from the article "API Endpoints". */
export const kinktree: Service<KinktreeTypes> = {
	name: 'kinktree',
	readings: {
		listShape: 'array',
		errorKey: 'message',
		createStatus: 201,
		duplicateStatus: 409,
		deleteAnswer: 'body',
	},
	createState: (setup) => new KinktreeState(setup),
	// "Do not use Bearer tokens or OAuth – simply pass the raw secret string."
	presentedSecret: (headers) => headers.authorization,
	wrongMethodStatus: 404,
	failure: (status, message, { errorKey }) => ({ status, body: { [errorKey]: message } }),
	unauthorized: (secret, readings) =>
		kinktree.failure(
			401,
			secret === undefined ? 'Authorization header is missing' : 'Invalid API secret',
			readings,
		),
	invalid: (breaches, readings) =>
		kinktree.failure(400, breaches.map(describe).join('; '), readings),
	handlers: {
		listTags: ({ key, state, readings }) => ({
			status: 200,
			body: shapeList([...state.tags(key.namespace).values()], readings.listShape),
		}),
		createTag: (call) => {
			const { key, state, readings } = call;
			const { identifier, activationCode } = call.body as {
				identifier?: string;
				activationCode?: string;
			};
			if (identifier !== undefined && state.tags(key.namespace).has(identifier)) {
				const text = `A tag with identifier "${identifier}" already exists`;
				return kinktree.failure(readings.duplicateStatus, text, readings);
			}
			const tag = state.addTag({ id: identifier, activationCode, namespace: key.namespace });
			return { status: readings.createStatus, body: withCode(tag) };
		},
		updateTag: (call) =>
			withTag(call, (tag) => {
				const { activationCode } = call.body as { activationCode?: string };
				tag.activationCode = activationCode ?? call.state.newCode();
				return { status: 200, body: withCode(tag) };
			}),
		deleteTag: (call) =>
			withTag(call, (tag) => {
				call.state.tags(tag.namespace).delete(tag.id);
				if (call.readings.deleteAnswer === 'empty204') return { status: 204 };
				const { id, namespace } = tag;
				return { status: 200, body: { identifier: id, namespace, deleted: true } };
			}),
	},
};

function withTag(call: Call<KinktreeTypes>, act: (tag: KinktreeTag) => Reply): Reply {
	const tag = call.state.tags(call.key.namespace).get(call.params.tagId ?? '');
	return tag ? act(tag) : kinktree.failure(404, 'Tag not found', call.readings);
}

function withCode({ id, namespace, activationCode }: KinktreeTag) {
	return { identifier: id, namespace, activationCode };
}

function shapeList(tags: KinktreeTag[], shape: KinktreeReadings['listShape']): unknown {
	if (shape === 'array') return tags;
	// The article's sample taken at its word fits one tag only.
	if (shape === 'single') return tags.length === 1 ? tags[0] : tags;
	return { [shape]: tags };
}
