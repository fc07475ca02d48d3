"""The figures of the page, one a file; each turns a `Comparison` into a `Section`."""
