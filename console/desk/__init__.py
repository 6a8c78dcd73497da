"""Puesto: what operators and their supervisors look at."""
