"""Campaigns in mode OPERADOR: a contact taken, called, asked and concluded by a person at the desk (R44, R46)."""
