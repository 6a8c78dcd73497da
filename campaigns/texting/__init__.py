"""Campaigns of texts: what is written, what it costs, how far it came, and who wants no more of them."""
