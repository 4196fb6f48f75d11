import type { Key, Setup } from '../service';

/** A kinktag as the list shows it (Kinktree, "GET /partners/tags"). */
export interface KinktreeTag {
	id: string;
	namespace: string;
	activationCode: string;
	name: string | null;
	locked: boolean;
}

/** A partner's secret. Each partner has a namespace of its own ("API Endpoints", introduction). */
export interface KinktreeKey extends Key {
	namespace: string;
}

/** Tags to start with: their number, or the tags themselves, whose missing fields are made up. */
export interface KinktreeSeed {
	tags?: number | Array<Partial<KinktreeTag>>;
}

// Leaves out characters that look alike on a printed tag.
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

const DEMO_TAGS = 120;

/** The tags of every partner. */
export class KinktreeState {
	readonly keys: Record<string, KinktreeKey> = {
		main: { name: 'main', secret: 'kinktree-emulator-main', namespace: 'main-partner' },
		other: { name: 'other', secret: 'kinktree-emulator-other', namespace: 'other-partner' },
	};

	private readonly namespaces = new Map<string, Map<string, KinktreeTag>>();

	constructor(private readonly setup: Setup<KinktreeSeed>) {
		const { seed } = setup;
		if (seed === 'demo') this.addDemoTags();
		else if (typeof seed.tags === 'number') {
			for (let number = 1; number <= seed.tags; number += 1) {
				this.addTag({ id: `tag-${String(number).padStart(5, '0')}` });
			}
		} else seed.tags?.forEach((tag) => this.addTag(tag));
	}

	/** The tags of one namespace by identifier, in the order of their creation; live, not a copy. */
	tags(namespace = 'main-partner'): Map<string, KinktreeTag> {
		const tags = this.namespaces.get(namespace) ?? new Map<string, KinktreeTag>();
		this.namespaces.set(namespace, tags);
		return tags;
	}

	/** Adds a tag and makes up missing fields, as the service does. */
	addTag(tag: Partial<KinktreeTag> = {}): KinktreeTag {
		const namespace = tag.namespace ?? 'main-partner';
		const added: KinktreeTag = {
			id: tag.id ?? this.newIdentifier(namespace),
			namespace,
			activationCode: tag.activationCode ?? this.newCode(),
			name: tag.name ?? null,
			locked: tag.locked ?? false,
		};
		this.tags(namespace).set(added.id, added);
		return added;
	}

	newCode(): string {
		return this.setup.dice.text(12, ALPHABET);
	}

	private newIdentifier(namespace: string): string {
		const identifier = this.setup.dice.text(8, ALPHABET);
		return this.tags(namespace).has(identifier) ? this.newIdentifier(namespace) : identifier;
	}

	private addDemoTags(): void {
		const places = [
			'Front desk',
			'Cloakroom',
			'Bar',
			'Lounge',
			'Workshop',
			'Merch table',
			'Locker',
		];
		for (let number = 0; number < DEMO_TAGS; number += 1) {
			const place = places[number % places.length];
			const round = 1 + Math.floor(number / places.length);
			this.addTag({
				id: number % 5 === 4 ? undefined : `club-${String(number + 1).padStart(3, '0')}`,
				name: number % 4 === 3 ? null : `${place} ${round}`,
				locked: number % 3 === 1,
			});
		}
	}
}
