import type { Resource } from '../../shared/operations/operation';
import { coachingSession } from './coachingSession';
import { community } from './community';
import { course } from './course';
import { event } from './event';
import { invitation } from './invitation';
import { member } from './member';
import { post } from './post';
import { space } from './space';

export const resources: readonly Resource[] = [
	coachingSession,
	community,
	course,
	event,
	invitation,
	member,
	post,
	space,
];
