"""The tests; a package, so that `tests.requirements` can be imported."""
