import { describe } from '../openapi';
import { type KinktreeReadings, LIKELY } from '../readings';
import type { Answer, Call, Service } from '../service';
import { type KinktreeKey, type KinktreeSeed, KinktreeState, type KinktreeTag } from './state';

export interface KinktreeTypes {
	state: KinktreeState;
	readings: KinktreeReadings;
	key: KinktreeKey;
	seed: KinktreeSeed;
}

/** Kinktree partner tags, from the article "API Endpoints". */
export const kinktree: Service<KinktreeTypes> = {
	name: 'kinktree',
	readings: LIKELY.kinktree,
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
	invalid: (violations, readings) =>
		kinktree.failure(400, violations.map(describe).join('; '), readings),
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

function withTag(call: Call<KinktreeTypes>, act: (tag: KinktreeTag) => Answer): Answer {
	const tag = call.state.tags(call.key.namespace).get(call.params.tagId ?? '');
	return tag ? act(tag) : kinktree.failure(404, 'Tag not found', call.readings);
}

function withCode({ id, namespace, activationCode }: KinktreeTag) {
	return { identifier: id, namespace, activationCode };
}

function shapeList(tags: KinktreeTag[], shape: KinktreeReadings['listShape']): unknown {
	if (shape === 'array') return tags;
	// Taken literally, the article's sample shows a list with one tag.
	if (shape === 'single') return tags.length === 1 ? tags[0] : tags;
	return { [shape]: tags };
}
