// Stops at a first failure: fast-check takes long to shrink it, and nobody reads a mutant's example.
require('fast-check').configureGlobal({ endOnFailure: true });
// A few random histories and shorter lists catch nearly as many mutants, in a tenth of the time.
process.env.POLLING_RUNS ??= '3';
process.env.POLLING_ROWS ??= '3000';
