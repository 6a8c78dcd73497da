"""Conferences: who is in one, who hears whom, and what is told of it (twilio.md §4, §5)."""
