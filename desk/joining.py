"""How a call is put into the conference of its room."""

from carrier.verbs import Conference
from desk.world import Desk


def name_of(room_id: int) -> str:
    """The conference of a room: a name that tells nothing of whom it is about."""
    return f"room-{room_id}"


def conference(
    desk: Desk, room_id: int, action: str, *, label: str, is_muted: bool = False, coaches: str | None = None
) -> Conference:
    """The verb that joins the room. ``label`` is unique in it: ``caller``, ``leg-7``."""
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
