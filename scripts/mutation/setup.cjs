// fast-check looks long for the smallest example of a failure, which nobody reads of a mutant.
require('fast-check').configureGlobal({ endOnFailure: true });
