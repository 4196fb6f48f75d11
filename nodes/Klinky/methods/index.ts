export { testKlinkyApi } from './credentialTest';
/** Every export of this file is a list that the panel can use. */
export * as listSearch from './listSearch';
