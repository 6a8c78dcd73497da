"""Whether this person may be called on this telephone at this moment, and if not, why and until when."""
