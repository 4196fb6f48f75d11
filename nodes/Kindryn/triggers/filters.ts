/* The filter that posts and events share. */
import { collection } from '../../shared/fields/basicFields';
import { spaceFilter } from '../fields';

/** Limits a trigger to one space. */
export const spaceFilters = collection(
	{ displayName: 'Filters', name: 'filters', placeholder: 'Add Filter' },
	[spaceFilter],
);
