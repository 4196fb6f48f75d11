// Stops at a first failure: fast-check takes long to shrink it, and nobody reads a mutant's example.
require('fast-check').configureGlobal({ endOnFailure: true });
