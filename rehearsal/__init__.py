"""A whole campaign rehearsed before anyone's telephone rings: the real service, on a copy, with its own network."""
