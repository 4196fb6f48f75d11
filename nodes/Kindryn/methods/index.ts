export { testKindrynApi } from './credentialTest';
export {
	searchAuthors,
	searchEvents,
	searchMembers,
	searchPosts,
	searchSpaces,
} from './listSearch';
export { getRoles } from './loadOptions';
