"""How operators, rooms and their legs stand."""

from enum import StrEnum


class Presence(StrEnum):
    """What an operator is doing (R90). The first two words are the operator's; the system sets the others."""

    DISPONIBLE = "DISPONIBLE"
    DESCANSO = "DESCANSO"  # with a reason; also whoever did not answer
    FUERA = "FUERA"
    TIMBRANDO = "TIMBRANDO"  # a call is being offered
    EN_LLAMADA = "EN_LLAMADA"
    POST_LLAMADA = "POST_LLAMADA"  # writing the case down


class RoomKind(StrEnum):
    """How a conversation began."""

    INBOUND = "INBOUND"
    CALLBACK = "CALLBACK"  # a promise of the queue
    CAMPAIGN = "CAMPAIGN"  # a contact of a campaign in mode OPERADOR
    OUTBOUND = "OUTBOUND"  # the operator dials

    @property
    def is_made_here(self) -> bool:
        """An operator's own call: nobody else is given it while its citizen has not been dialled."""
        return self in (RoomKind.CAMPAIGN, RoomKind.OUTBOUND)


class RoomState(StrEnum):
    """Where a conversation stands. Who is in it is told by its legs."""

    WAITING = "WAITING"  # nobody has it; the citizen hears their place
    OFFERED = "OFFERED"  # an operator's telephone rings
    TALKING = "TALKING"  # an operator took it
    AWAY = "AWAY"  # the citizen is with the PIN line, and may come back
    ENDED = "ENDED"


class LegRole(StrEnum):
    """What somebody is on a call."""

    CALLER = "CALLER"
    OPERATOR = "OPERATOR"
    CONSULTED = "CONSULTED"
    SERVICE = "SERVICE"
    SUPERVISOR = "SUPERVISOR"


class LegState(StrEnum):
    """Where one telephone stands."""

    WANTED = "WANTED"  # to be dialled
    ASKING = "ASKING"  # the carrier is being asked
    RINGING = "RINGING"
    ANSWERED = "ANSWERED"  # hears our document: press one, or a menu of the IVR
    JOINED = "JOINED"  # in the conference
    ENDED = "ENDED"


#: What an operator does to hand a citizen on, as ``room_event`` tells it: an index has it.
MOVES = ("call.handed_over", "call.transferred", "call.to_queue", "call.to_pin")

#: What an event of a written conversation says of who has it.
CHAT_MOVES = ("chat.waits", "chat.taken", "chat.handed_over")

LIVE = (LegState.RINGING, LegState.ANSWERED, LegState.JOINED)
OPEN = (LegState.WANTED, LegState.ASKING, *LIVE)


class PromiseState(StrEnum):
    """A promise to call somebody back."""

    WAITING = "WAITING"
    CALLING = "CALLING"
    KEPT = "KEPT"
    GIVEN_UP = "GIVEN_UP"  # twice nobody answered
    WITHDRAWN = "WITHDRAWN"  # they rang again and were attended


class VoiceMessageState(StrEnum):
    """A message that somebody left."""

    LEFT = "LEFT"  # still at the carrier
    FETCHED = "FETCHED"  # here, encrypted; deleted there
    HEARD = "HEARD"
    PURGED = "PURGED"
