"""After so many days nothing of a written conversation says whose it was, or what; that there was one, stays."""

import logging
from datetime import datetime

from procrastinate import JobContext
from sqlalchemy import Connection, select, update

from core import audit
from core.jobs import every
from desk.chats import media
from desk.chats.states import ChatState
from desk.chats.tables import chat, chat_message
from desk.retention import AT_ONCE, Retention

log = logging.getLogger(__name__)


def purge(kept: Retention) -> int:
    """Erases what ended longer ago than calls are kept, a part a transaction; how many. A second run finds none."""
    count = 0
    while True:
        now = kept.clock.now()
        with kept.db.begin() as tx:
            done = purge_some(tx, now, now - kept.kept)
        if not done:
            return count
        count += done


def purge_some(tx: Connection, now: datetime, before: datetime) -> int:
    """At most AT_ONCE; how many. Never one that is open."""
    is_over = (chat.c.state == ChatState.ENDED, chat.c.ended_at <= before, chat.c.purged_at.is_(None))
    found = select(chat.c.id).where(*is_over).order_by(chat.c.id).limit(AT_ONCE)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return 0
    media.forget(tx, ids)
    tx.execute(update(chat_message).where(chat_message.c.chat_id.in_(ids)).values(body_sealed=None))
    nothing = {"citizen_sealed": None, "citizen_print": None, "purged_at": now}
    tx.execute(update(chat).where(chat.c.id.in_(ids)).values(**nothing))
    audit.record(tx, now, "system", "chats.purged", "desk", "retention", None, chats=len(ids), until=before.isoformat())
    return len(ids)


@every("50 3 * * *", "desk.purge_chats", is_nightly=True)
def purge_chats(context: JobContext, timestamp: int) -> None:
    """Every night."""
    retention: Retention = context.additional_context["retention"]
    if count := purge(retention):
        log.info("written conversations that no longer say whose they were: %s", count)
