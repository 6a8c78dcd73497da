"""Brings over what waited, or was kept, where letters and texts were until 0.4.2 (core/former_post.py).

Each row is in one place at any moment, so that nothing is sent by two. A letter keeps its id, by which reports know it.
To be taken out with those tables.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from procrastinate import JobContext
from sqlalchemy import ColumnElement, Row, Table, delete, select, true
from sqlalchemy.dialects.postgresql import insert

from core.database import Database, may_take_its_time
from core.former_post import mail, outbox
from core.jobs import app, every
from core.post import FAILED, QUEUED, UNKNOWN, Channel, post, print_of
from core.privacy import CannotOpen, Vault

log = logging.getLogger(__name__)

AT_ONCE = 500
_A_TURN_S = 45.0  #: seconds of real time: the next one goes on
_WAITING = (QUEUED, UNKNOWN)


@dataclass(frozen=True)
class Former:
    """What bringing over needs; the worker keeps one."""

    db: Database
    vault: Vault

    def bring_over(self) -> int:
        """What waits first, then the newest; how many rows. Without any left it costs two reads of an empty table."""
        until, count = time.monotonic() + _A_TURN_S, 0
        for table in (mail, outbox):
            for which in (table.c.state.in_(_WAITING), true()):
                while time.monotonic() < until and (moved := self._some(table, which)):
                    count += moved
        return count

    def _some(self, table: Table, which: ColumnElement[bool]) -> int:
        """Whatever is being sent by a worker of the version before is locked, and left to the next turn."""
        query = select(table).where(which).order_by(table.c.id.desc()).limit(AT_ONCE)
        with self.db.begin() as tx:
            rows = tx.execute(query.with_for_update(skip_locked=True)).all()
            if rows:
                may_take_its_time(tx)
                as_post = [self._letter(row) if table is mail else self._text(row) for row in rows]
                tx.execute(insert(post).on_conflict_do_nothing(index_elements=["once"]), as_post)
                tx.execute(delete(table).where(table.c.id.in_([row.id for row in rows])))
        return len(rows)

    def _letter(self, row: Row) -> dict[str, Any]:
        same = ("id", "kind", "campaign_id", "once", "subject", "tries", "queued_at", "tried_at", "sent_at")
        told = {name: getattr(row, name) for name in same}
        words = {"body_sealed": row.body_sealed, "problem": row.problem, "state": row.state}
        return {**told, "channel": Channel.MAIL, **words, **self._addressed(row, Channel.MAIL)}

    def _text(self, row: Row) -> dict[str, Any]:
        """Of one that was asked for once, its doubt."""
        is_sent, is_tried = row.state == "sent", row.state == UNKNOWN
        return {
            "channel": Channel.SMS,
            "kind": "pin_changed" if row.prompt == "sms.pin_changed" else "menu_data",
            "line": row.line,
            "prompt": row.prompt,
            "body_sealed": None,
            "state": row.state,
            "problem": None,
            "queued_at": row.queued_at,
            "sent_at": row.sent_at if is_sent else None,
            "tries": int(is_tried),
            "tried_at": row.sent_at if is_tried else None,
            "remote_sid": row.remote_sid,
            **self._addressed(row, Channel.SMS),
        }

    def _addressed(self, row: Row, channel: Channel) -> dict[str, Any]:
        """Whom it went to; of what was erased, or sealed with another DATA_KEY, nobody."""
        try:
            to = self.vault.open(row.to_sealed)
        except CannotOpen:
            to = ""
        if to:
            return {"to_sealed": row.to_sealed, "to_print": print_of(self.vault, channel, to)}
        state = FAILED if row.state in _WAITING else row.state
        return {"to_sealed": b"", "to_print": None, "body_sealed": None, "problem": None, "state": state}


@every("* * * * *", "messages.bring_over", one_at_a_time=True)
def bring_over(context: JobContext, timestamp: int) -> None:
    """Each minute: processes of the version before may still write where they did."""
    if count := _former(context).bring_over():
        log.info("letters and texts brought over: %s", count)


def _begun_before(context: JobContext, **_arguments: object) -> None:
    """A job that the version before left behind: its letter or text is sent by a job of ours."""
    _former(context).bring_over()


for _name in ("send_mail", "send_sms", "send_mail_again", "send_sms_again"):
    app.task(name=f"messages.{_name}", pass_context=True)(_begun_before)


def _former(context: JobContext) -> Former:
    return context.additional_context["former_post"]
