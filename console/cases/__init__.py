"""Casos: consultations, orders, registers and what callers left."""
