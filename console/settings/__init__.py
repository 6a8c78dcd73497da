"""Ajustes: what an administrator or a supervisor decides for everybody."""
