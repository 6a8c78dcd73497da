"""The way that a caller went through the menus, for the operator's card: «Trámites > Del Instituto»."""

from ivr.calls import Call

LONGEST = 20  # names: whoever wanders longer is known by the last ones


def note(call: Call, name: str) -> None:
    """Adds what was chosen. ``name``: Spanish, short, and nothing personal."""
    call.remember(_path=[*call.get("_path", []), name][-LONGEST:])
