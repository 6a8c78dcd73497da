"""Queues: who waits in one, and who takes them out (twilio.md §4)."""
