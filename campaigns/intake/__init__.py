"""A request from its e-mail to its approval, or to its end: radicado, letters, return, correction, columns."""
