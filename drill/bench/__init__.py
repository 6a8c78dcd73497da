"""How fast the engine is: each figure as a ratio to something that is run beside it (``make bench``)."""
