"""The carrier's words for how a call stands (twilio.md §2.2)."""

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def is_final(status: str) -> bool:
    """Whether nothing more will come of the call."""
    return status in FINAL
