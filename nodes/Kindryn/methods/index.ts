export { testKindrynApi } from './credentialTest';
/** Every export of these files is a list or a dropdown that the panel can use. */
export * as listSearch from './listSearch';
export * as loadOptions from './loadOptions';
