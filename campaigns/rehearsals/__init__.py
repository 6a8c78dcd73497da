"""What is kept of the rehearsals of a campaign. They are run by the room ``rehearsal``, in a copy."""
