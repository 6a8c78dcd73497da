"""Counts that are kept: how a campaign stands, beside a million people, without looking at each of them."""
