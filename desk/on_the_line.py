"""Who is in a conversation with us, or about to be rung for one: nobody is called by two at once (decision 0024)."""

from collections.abc import Sequence

from sqlalchemy import Connection, LargeBinary, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.rules import locking
from campaigns.rules.standing import is_being_called
from desk.tables import room

_OPEN = select(room.c.citizen_print).where(
    text("state <> 'ENDED'"),  # as the index of open rooms is written: there are as many as conversations
    room.c.citizen_print == any_(bindparam("prints", type_=ARRAY(LargeBinary))),
)


def on_the_line(tx: Connection, prints: Sequence[bytes]) -> set[bytes]:
    """Which of these telephones (fingerprints) are in a conversation, wait for one, or are about to be rung for one."""
    return {bytes(each) for each in tx.execute(_OPEN, {"prints": list(prints)}).scalars()}


def called_by_a_campaign(tx: Connection, phone_print: bytes) -> bool:
    """Whether the dialer is calling this telephone. It does not begin to until the transaction ends, and sees then what
    was written in it. In the order of locks this comes after room and operator (campaigns/rules/locking.py)."""
    locking.wait_for(tx, [phone_print])
    return is_being_called(tx, phone_print)
