// Stops at a first failure: fast-check takes long to shrink it, and nobody reads a mutant's example.
require('fast-check').configureGlobal({ endOnFailure: true });
// A few random histories catch nearly as many mutants as many do, in a tenth of the time.
process.env.POLLING_RUNS ??= '5';
