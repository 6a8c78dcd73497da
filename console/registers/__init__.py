"""Registros: what is written down of a day's work beside the cases, and what operators read from."""
