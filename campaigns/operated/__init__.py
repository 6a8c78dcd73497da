"""Campaigns in mode OPERADOR: a contact claimed, called, asked and concluded by a person at the desk (R44, R46)."""
