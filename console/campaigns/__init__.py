"""Campañas: from the file that comes in to the report that goes out."""
