"""Who has a written conversation: it waits for a person, is taken, goes to a colleague or a queue, and ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, or_, select, text

from desk import dispatch, events, presence
from desk.chats import chats, window, writing
from desk.chats.chats import Chat
from desk.chats.states import ChatState, Side, Unanswered
from desk.chats.tables import IS_OPEN, IS_TALKING, chat, chat_message
from desk.refusal import CannotDo
from desk.states import Presence
from desk.tables import operator
from desk.world import Desk

#: An operator who left their post, and a person who has written since: somebody else is needed.
LEFT_ALONE = timedelta(minutes=10)
SILENT = timedelta(hours=24)  #: a menu in which nobody wrote any more
#: Any other: longer than a line is closed for, so that whoever waits over its holidays is still answered.
ABANDONED = timedelta(days=15)


def ask_for_a_person(tx: Connection, now: datetime, chat_id: int, *, queue: str, actor: str) -> None:
    """From now on it waits in a queue."""
    waits = {"state": ChatState.WAITING.value, "queue": queue, "queued_at": now, "account_id": None, "misses": 0}
    writing.changed(tx, chat_id, **waits)
    events.note(tx, now, chat_id, "chat.waits", actor, queue=queue)


def take(tx: Connection, desk: Desk, now: datetime, chat_id: int, *, account_id: int, actor: str) -> None:
    """The operator attends it. Raises CannotDo: somebody else has it, it is not for them, or they have too many."""
    who = _at_work(tx, account_id)
    found = chats.one(tx, desk, chat_id, lock=True)
    if found is None or not serves(who, found):
        raise CannotDo("Esa conversación no es de sus colas.")
    if found.is_had_by(account_id):
        return
    if found.state is not ChatState.WAITING:
        raise CannotDo("Otra persona ya la atiende." if found.is_open else "Esa conversación ya terminó.")
    _check_limit(tx, desk, account_id)
    _give(tx, now, found, account_id)
    events.note(tx, now, chat_id, "chat.taken", actor, account=account_id)


def hand_over(
    tx: Connection, desk: Desk, now: datetime, chat_id: int, *, account_id: int, actor: str, to_account: int
) -> None:
    """To a colleague, with all that was said. Raises CannotDo: not theirs to give, or the colleague cannot have it."""
    if to_account == account_id:
        raise CannotDo("Elija a otra persona.")
    who, found = _at_work(tx, to_account), _to_give(tx, desk, chat_id, account_id)
    if who.state == Presence.FUERA or not serves(who, found):
        raise CannotDo("Esa persona no puede atenderla ahora.")
    try:
        _check_limit(tx, desk, to_account)
    except CannotDo:
        raise CannotDo("Esa persona ya atiende todas las conversaciones que puede.") from None
    _give(tx, now, found, to_account)
    events.note(tx, now, chat_id, "chat.handed_over", actor, account=to_account)


def back_to_queue(
    tx: Connection, desk: Desk, now: datetime, chat_id: int, *, account_id: int, actor: str, queue: str
) -> None:
    """To whoever takes it next in a queue of its line. Raises CannotDo."""
    found = _to_give(tx, desk, chat_id, account_id)
    if queue not in found.line.queues:
        raise CannotDo("Esa cola no es de esta línea.")
    ask_for_a_person(tx, now, chat_id, queue=queue, actor=actor)


def end(tx: Connection, desk: Desk, now: datetime, chat_id: int, *, account_id: int, actor: str) -> None:
    """The operator says goodbye; the line's farewell goes where anything may still be written. Raises CannotDo."""
    found = _to_give(tx, desk, chat_id, account_id)
    if found.is_left_unanswered(now):
        raise CannotDo("La persona se quedó sin respuesta: envíele un texto aprobado, llámela o diga por qué no.")
    if window.is_open(found.wrote_at, now):
        writing.leave(tx, desk.vault, now, chat_id, Side.LINE, writing.sentence(desk, found.line, "chat.goodbye"))
    finish(tx, now, chat_id, how="finished", actor=actor)


def end_unanswered(
    tx: Connection,
    desk: Desk,
    now: datetime,
    chat_id: int,
    *,
    account_id: int,
    actor: str,
    why: Unanswered,
    oversees: bool = False,
) -> None:
    """Of one whose 24 hours are over and whose person waits: its operator ends it, or, while nobody has it, whoever
    serves its queue or ``oversees``. Raises CannotDo."""
    who, found = _at_work(tx, account_id), chats.one(tx, desk, chat_id, lock=True)
    if found is None or not found.is_left_unanswered(now):
        raise CannotDo("Esa conversación ya no está sin respuesta.")
    is_theirs = found.state is ChatState.WAITING and (oversees or serves(who, found))
    if not (found.is_had_by(account_id) or is_theirs):
        raise CannotDo(writing.NOT_YOURS)
    finish(tx, now, chat_id, how=why.value, actor=actor)


def finish(tx: Connection, now: datetime, chat_id: int, *, how: str, actor: str) -> None:
    """It is over: ``finished``, ``opted out``, ``silent`` or one of ``Unanswered``. What the person writes next begins
    another."""
    writing.changed(tx, chat_id, state=ChatState.ENDED.value, ended_at=now, ended_as=how, owed_since=None)
    events.note(tx, now, chat_id, "chat.ended", actor, how=how)


def look_after(tx: Connection, now: datetime) -> int:
    """Puts back into their queues those whose operator is out while the person waits for an answer, and ends those in
    which nobody writes any more; how many."""
    forsaken = (
        select(chat.c.id, chat.c.queue)
        .outerjoin(operator, operator.c.account_id == chat.c.account_id)
        .where(text(IS_TALKING), chat.c.owed_since <= now - LEFT_ALONE)
        .where(operator.c.state.is_(None) | (operator.c.state == Presence.FUERA))
    )
    count = 0
    for row in tx.execute(forsaken.with_for_update(of=chat, skip_locked=True)).all():
        ask_for_a_person(tx, now, row.id, queue=row.queue, actor="desk")
        count += 1
    for chat_id in _silent(tx, now):
        finish(tx, now, chat_id, how="silent", actor="desk")
        count += 1
    return count


def _silent(tx: Connection, now: datetime) -> Sequence[int]:
    """Whatever their state: without an end nothing of them would ever be erased."""
    of_late = (chat_message.c.chat_id == chat.c.id, chat_message.c.at > now - ABANDONED)
    is_abandoned = (chat.c.wrote_at <= now - ABANDONED) & ~select(chat_message.c.id).where(*of_late).exists()
    is_silent = (text(IS_OPEN), chat.c.wrote_at <= now - SILENT, or_(chat.c.state == ChatState.MENU, is_abandoned))
    found = select(chat.c.id).where(*is_silent).order_by(chat.c.wrote_at).limit(500)
    return tx.execute(found.with_for_update(skip_locked=True, of=chat)).scalars().all()


def able(tx: Connection, found: Chat, but: int) -> list[Row]:
    """The colleagues to whom it may go: at work, and serving its queue."""
    there = (row for row in presence.everyone(tx) if row.state != Presence.FUERA and row.account_id != but)
    return [row for row in there if serves(row, found)]


def serves(who: Row, found: Chat) -> bool:
    """Whether it may be this operator's (a row of ``operator``)."""
    return dispatch.may_serve(who, found.line) and dispatch.could_serve(who, found.queue)


def _at_work(tx: Connection, account_id: int) -> Row:
    """Locked: two pages of one operator do not take more than their share."""
    who = presence.of(tx, account_id, lock=True)
    if who is None:
        raise CannotDo("Esa persona no está en su puesto.")
    return who


def _check_limit(tx: Connection, desk: Desk, account_id: int) -> None:
    if chats.had_by(tx, account_id) >= desk.chats_at_once:
        most = desk.chats_at_once
        told = "1 conversación" if most == 1 else f"{most} conversaciones"
        raise CannotDo(f"Usted ya atiende {told}: termine una antes de tomar otra.")


def _to_give(tx: Connection, desk: Desk, chat_id: int, account_id: int) -> Chat:
    found = chats.one(tx, desk, chat_id, lock=True)
    if found is None or not found.is_had_by(account_id):
        raise CannotDo(writing.NOT_YOURS)
    return found


def _give(tx: Connection, now: datetime, found: Chat, account_id: int) -> None:
    theirs = {"state": ChatState.TALKING.value, "account_id": account_id, "answered_at": found.answered_at or now}
    writing.changed(tx, found.id, **theirs)
