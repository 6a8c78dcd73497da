"""What becomes of what was handed over, as the carrier tells it: once, twice, late, or in another order."""

from datetime import datetime

from sqlalchemy import Connection, func, or_, update

from core.post import DELIVERED, FAILED, IS_KEPT, QUEUED, SENT, UNDELIVERED, UNKNOWN, post
from core.text_errors import why_not_delivered

#: The carrier's words for how a text stands (twilio.md §4); ``read`` is WhatsApp's.
_MEANS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), SENT),
    **dict.fromkeys(("delivered", "read"), DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), UNDELIVERED),
}
#: What may still become so. What we gave up without knowing (failed) may turn out to have been taken after all.
_FROM = {SENT: (QUEUED, UNKNOWN, FAILED)} | dict.fromkeys((DELIVERED, UNDELIVERED), (QUEUED, UNKNOWN, FAILED, SENT))


def fold(tx: Connection, now: datetime, post_id: int, sid: str, status: str, code: int | None = None) -> bool:
    """Takes in one word of the carrier's about a text; whether it was news. A final state is never taken back.

    That the carrier speaks of it proves that it was taken. ``sid``: of another text than is known, it changes nothing.
    """
    state = _MEANS.get(status)
    if state is None or not sid:
        return False
    is_lost = state == UNDELIVERED
    is_ours = or_(post.c.remote_sid.is_(None), post.c.remote_sid == sid)
    which = (post.c.id == post_id, is_ours, post.c.state.in_(_FROM[state]))
    told = {
        "state": state,
        "remote_sid": sid,
        "told_at": now,
        "sent_at": func.coalesce(post.c.sent_at, now),
        "error_code": code if is_lost else None,
        "problem": why_not_delivered(code) if is_lost else None,
    }
    return tx.execute(update(post).where(*which, IS_KEPT).values(**told)).rowcount > 0
