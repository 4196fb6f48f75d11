/* The filter that posts and events share. */
import { collection } from '../../shared/fields/basicFields';
import { spaceFilter } from '../fields';

/** What a trigger may be narrowed down to. */
export const spaceFilters = collection(
	{ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' },
	[spaceFilter],
);
