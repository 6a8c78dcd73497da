"""What goes through several rooms: the padrón, a case, a call. Each procedure of an institution is a module."""
