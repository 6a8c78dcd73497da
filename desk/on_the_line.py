"""Who is in a conversation with us, or about to be rung for one: nobody is called by two at once (decision 0024)."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, LargeBinary, and_, any_, bindparam, exists, not_, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.rules import locking
from campaigns.rules.standing import is_being_called
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg, room

WHILE_CALLED = timedelta(minutes=2)  #: after which whoever a campaign is calling is looked at again
_IS_HERE = exists().where(leg.c.room_id == room.c.id, leg.c.role == LegRole.CALLER, leg.c.state != LegState.ENDED)
_OPEN = select(room.c.citizen_print).where(
    text("room.state <> 'ENDED'"),  # as the index of open rooms is written: there are as many as conversations
    room.c.citizen_print == any_(bindparam("prints", type_=ARRAY(LargeBinary))),
    # A promise whose turn has not come may wait for days: whoever takes it asks whether a campaign is calling.
    not_(and_(room.c.kind == RoomKind.CALLBACK, room.c.state == RoomState.WAITING)),
    # So may an emergency that nobody has confirmed, when its citizen is gone and must not be rung.
    or_(~room.c.is_emergency, room.c.is_safe_to_call, _IS_HERE),
)


def on_the_line(tx: Connection, prints: Sequence[bytes]) -> set[bytes]:
    """Which of these telephones (fingerprints) are in a conversation, wait for one, or are about to be rung for one."""
    return {bytes(each) for each in tx.execute(_OPEN, {"prints": list(prints)}).scalars()}


def called_by_a_campaign(tx: Connection, phone_print: bytes) -> bool:
    """Whether the dialer is calling this telephone. It does not begin to until the transaction ends, and sees then what
    was written in it. In the order of locks this comes after room and operator (campaigns/rules/locking.py)."""
    locking.wait_for(tx, [phone_print])
    return is_being_called(tx, phone_print)
