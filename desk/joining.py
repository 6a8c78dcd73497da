"""How a call is put into the conference of its room."""

from carrier.verbs import Conference
from desk.world import Desk


def name_of(room_id: int) -> str:
    """The conference of a room: a name that tells nothing of whom it is about."""
    return f"room-{room_id}"


def label_of(call_sid: str) -> str:
    """The citizen's label in the conference: of this call of theirs, as one that they dropped out of may still be in
    it, and a label that is taken keeps the call out (twilio.md §4, Conference)."""
    return f"caller-{call_sid[-8:]}"


def label_of_leg(leg_id: int) -> str:
    """The label of a telephone that we rang; those of citizens are by their call."""
    return f"leg-{leg_id}"


def conference(
    desk: Desk, room_id: int, action: str, *, label: str, is_muted: bool = False, coaches: str | None = None
) -> Conference:
    """The verb that joins the room. ``label`` is unique in it: ``caller-0a1b2c3d``, ``leg-7``."""
    voice = f"{desk.public_url}/voice/desk"
    return Conference(
        name=name_of(room_id),
        action=action,
        status_callback=f"{voice}/room?room={room_id}",
        wait_url=f"{voice}/wait?room={room_id}",
        label=label,
        is_muted=is_muted,
        coaches=coaches,
    )
