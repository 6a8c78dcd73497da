"""One contact's story: what was decided of them, what was tried, what came of it."""
