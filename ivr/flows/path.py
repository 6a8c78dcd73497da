"""What is known of a caller by the time they ask for a person: the way they went through the menus among it."""

from typing import Any

from ivr.calls import Call

LONGEST = 20  # names: whoever wanders longer is known by the last ones


def note(call: Call, name: str) -> None:
    """Adds what was chosen to the way, «Trámites > Del Instituto». ``name``: Spanish, short, and nothing personal."""
    call.remember(_path=[*call.get("_path", []), name][-LONGEST:])


def learnt(call: Call) -> dict[str, Any]:
    """For the card of whoever takes the call: document, is_verified, path and wants; those that there are."""
    known = {
        "document": call.get("document"),
        "is_verified": bool(call.get("person") or call.get("_verified")),
        "path": call.get("_path", []),
        "wants": call.get("wants") or call.get("kind"),
    }
    return {name: value for name, value in known.items() if value}
