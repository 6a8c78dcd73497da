"""How far a message of a conversation came, as the carrier tells it: once, twice, late, or in another order."""

import logging

from sqlalchemy import Connection, select, update

from desk.chats import beginning, writing
from desk.chats.states import MessageState, is_further
from desk.chats.tables import chat_message

log = logging.getLogger(__name__)

#: The carrier's words (twilio.md §4). That it has it at all proves that it was taken.
_MEANS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), MessageState.SENT),
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    **dict.fromkeys(("undelivered", "failed", "canceled"), MessageState.FAILED),
}


def fold(tx: Connection, message_id: int, sid: str, status: str, code: int | None = None) -> None:
    """What is told counts only where it is further than what is known. ``sid``: of another message than is known, it
    changes nothing."""
    state = _MEANS.get(status)
    if state is None or not sid:
        return
    row = tx.execute(select(chat_message).where(chat_message.c.id == message_id).with_for_update()).one_or_none()
    if row is None or (row.sid is not None and row.sid != sid):
        log.warning("the state of a message that is not ours")
    elif is_further(state, MessageState(row.state)):
        told = {"state": state.value, "sid": sid, "error": code if state is MessageState.FAILED else None}
        tx.execute(update(chat_message).where(chat_message.c.id == message_id).values(**told))
        if state is MessageState.FAILED:
            beginning.came_to_nothing(tx, message_id)
        writing.changed(tx, row.chat_id)
