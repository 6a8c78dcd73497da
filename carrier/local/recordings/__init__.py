"""Recordings: a length and a soft tone; nobody on these lines has a voice."""
