"""Chaos: campaigns on the local carrier while everything is killed and everything goes wrong; the ledger judges."""
