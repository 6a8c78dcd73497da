"""What somebody writes in a terminal in the place of a telephone's keys."""

HANG_UP = frozenset({"c", "colgar"})
_KEYS = frozenset("0123456789*#")


def keys_in(row: str) -> list[str]:
    """The keys of a row; none if it is anything else than keys and spaces between them."""
    keys = [each for each in row if not each.isspace()]
    return keys if _KEYS.issuperset(keys) else []
