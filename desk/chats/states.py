"""How a written conversation, its messages and what comes with them stand."""

from enum import StrEnum


class ChatState(StrEnum):
    """Where a conversation stands."""

    MENU = "MENU"  # the line's menu answers
    WAITING = "WAITING"  # for a person
    TALKING = "TALKING"  # an operator has it
    ENDED = "ENDED"


class Side(StrEnum):
    """Who wrote."""

    CITIZEN = "CITIZEN"
    LINE = "LINE"  # the menu, by itself
    OPERATOR = "OPERATOR"


class MessageState(StrEnum):
    """How far a message came."""

    RECEIVED = "RECEIVED"  # the person's
    QUEUED = "QUEUED"
    ASKING = "ASKING"  # the carrier is being asked
    UNKNOWN = "UNKNOWN"  # it may have taken it: never asked again on a guess
    SENT = "SENT"
    FAILED = "FAILED"  # refused, or never delivered: the carrier's code says why
    DELIVERED = "DELIVERED"
    READ = "READ"


UNSENT = (MessageState.QUEUED, MessageState.ASKING, MessageState.UNKNOWN)
_FAR = {state: rank for rank, state in enumerate(MessageState)}


def is_further(new: MessageState, known: MessageState) -> bool:
    """Whether this tells more than is known: callbacks come late, doubled and in any order. What was delivered did not
    fail, whatever is told afterwards."""
    return _FAR[new] > _FAR[known]


class MediaKind(StrEnum):
    """What came with a message."""

    IMAGE = "IMAGE"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    FILE = "FILE"


class Unanswered(StrEnum):
    """Why one is over in which nobody answered before the 24 hours were: what is kept of its end (``ended_as``)."""

    CALLED = "called"
    NOT_NEEDED = "not needed"
    OUT_OF_REACH = "out of reach"


class Paper(StrEnum):
    """What an operator saw in a photograph (R22)."""

    DUI = "DUI"
    BILL = "RECIBO"
