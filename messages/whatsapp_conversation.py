"""A message that came: kept in its conversation, and answered by the line's menu unless a person attends it (R21)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select

from campaigns.rules import exclusions
from campaigns.rules.exclusions import Kind, Scope
from desk import events
from desk.chats import handling, writing
from desk.chats.chats import as_dialled
from desk.chats.line import LONGEST, ChatLine
from desk.chats.states import ChatState, MessageState, Side
from desk.chats.tables import chat, chat_media, chat_message
from desk.hours import attended
from desk.lines import DeskLine
from desk.world import Desk
from messages.whatsapp_incoming import IncomingMessage
from messages.whatsapp_menu import Heard, Meant, understand
from prompts.speech import day_from

ACTOR = "whatsapp"
MISSES = 3  #: in a row: then a person, as where somebody rings
JUST_OVER = timedelta(minutes=15)  #: whoever says thanks so soon asks for nothing
_MANY, _SHORT = 15, timedelta(minutes=10)  # answers of ours: beyond them it is a machine that writes


@dataclass(frozen=True)
class Turn:
    """One message that came, and the conversation that it is of."""

    tx: Connection
    desk: Desk
    now: datetime
    line: DeskLine
    with_us: ChatLine
    chat_id: int
    incoming: IncomingMessage
    heard: Heard
    is_first: bool

    def say(self, *texts: str) -> None:
        """One message of the line, as long as it may be: the rest is a second one."""
        whole = "\n\n".join(texts)
        parts = [whole] if len(whole) <= LONGEST else list(texts)
        for each in parts:
            writing.leave(self.tx, self.desk.vault, self.now, self.chat_id, Side.LINE, each)

    def sentence(self, key: str, **values: object) -> str:
        return writing.sentence(self.desk, self.line, key, **values)


def receive(tx: Connection, desk: Desk, now: datetime, line: DeskLine, incoming: IncomingMessage) -> int | None:
    """Keeps the message, sealed, and leaves what the line answers; the conversation's number. None: it came before."""
    assert line.chat is not None, "it was found by its number"
    whose = desk.vault.fingerprint("phone", as_dialled(incoming.from_, line.country))
    _one_at_a_time(tx, line.id, whose)
    if tx.execute(select(chat_message.c.id).where(chat_message.c.sid == incoming.sid)).first() is not None:
        return None
    heard = understand(line.chat, incoming.text)
    found = _present(tx, line.id, whose) or _just_over(tx, now, line.id, whose, heard, incoming)
    chat_id = found.id if found is not None else _open(tx, desk, now, line, line.chat, incoming, whose)
    _keep(tx, desk, now, chat_id, incoming, is_over=found is not None and found.state == ChatState.ENDED)
    turn = Turn(tx, desk, now, line, line.chat, chat_id, incoming, heard, is_first=found is None)
    _answer(turn, ChatState(found.state) if found is not None else ChatState.MENU, found.misses if found else 0)
    return chat_id


def _one_at_a_time(tx: Connection, line: str, whose: bytes) -> None:
    """Two messages of one person come at once: the second finds the conversation that the first one opened."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"chat {line} {whose.hex()}"))))


def _present(tx: Connection, line: str, whose: bytes) -> Row | None:
    same = (chat.c.line == line, chat.c.citizen_print == whose)
    query = select(chat.c.id, chat.c.state, chat.c.misses).where(*same, chat.c.state != ChatState.ENDED)
    return tx.execute(query.with_for_update()).first()


def _just_over(
    tx: Connection, now: datetime, line: str, whose: bytes, heard: Heard, incoming: IncomingMessage
) -> Row | None:
    """A «gracias» after the goodbye is the end of that conversation, and not the beginning of another."""
    if heard.what is not Meant.THANKS or incoming.media:
        return None
    same = (chat.c.line == line, chat.c.citizen_print == whose, chat.c.ended_at > now - JUST_OVER)
    query = select(chat.c.id, chat.c.state, chat.c.misses).where(*same).order_by(chat.c.id.desc()).limit(1)
    return tx.execute(query.with_for_update()).first()


def _open(
    tx: Connection,
    desk: Desk,
    now: datetime,
    line: DeskLine,
    with_us: ChatLine,
    incoming: IncomingMessage,
    whose: bytes,
) -> int:
    row = {"line": line.id, "queue": with_us.queue, "state": ChatState.MENU.value, "opened_at": now, "wrote_at": now}
    theirs = {"citizen_sealed": desk.vault.seal(incoming.from_), "citizen_print": whose}
    new = insert(chat).values(**row, **theirs, carrier_account=incoming.account or None).returning(chat.c.id)
    chat_id: int = tx.execute(new).scalar_one()
    events.note(tx, now, chat_id, "chat.opened", ACTOR, line=line.id)
    return chat_id


def _keep(tx: Connection, desk: Desk, now: datetime, chat_id: int, incoming: IncomingMessage, *, is_over: bool) -> None:
    row = {"chat_id": chat_id, "at": now, "side": Side.CITIZEN.value, "sid": incoming.sid}
    kept = {"body_sealed": desk.vault.seal(incoming.text), "state": MessageState.RECEIVED.value}
    new = insert(chat_message).values(**row, **kept).returning(chat_message.c.id)
    message_id = tx.execute(new).scalar_one()
    if incoming.media:
        came = [{"message_id": message_id, "kind": each.kind.value, "sid": each.sid} for each in incoming.media]
        tx.execute(insert(chat_media), came)
    owed = {} if is_over else {"owed_since": func.coalesce(chat.c.owed_since, now)}
    writing.changed(tx, chat_id, wrote_at=now, **owed)


def _answer(turn: Turn, state: ChatState, misses: int) -> None:
    if turn.heard.what is Meant.STOP and not turn.incoming.media:
        _opt_out(turn)
    elif state is ChatState.WAITING and turn.incoming.media:
        turn.say(turn.sentence("chat.received"))
    elif state is ChatState.MENU and not _is_too_much(turn):
        _answer_by_menu(turn, misses)


def _answer_by_menu(turn: Turn, misses: int) -> None:
    """The menu, one of its options, or a person."""
    with_us, heard = turn.with_us, turn.heard
    if heard.what is Meant.PERSON or (heard.what is Meant.UNKNOWN and misses + 1 >= MISSES and not turn.incoming.media):
        return _to_a_person(turn)
    is_missed = heard.what is Meant.UNKNOWN and not turn.is_first and not turn.incoming.media
    writing.changed(turn.tx, turn.chat_id, misses=misses + 1 if is_missed else 0, owed_since=None)
    if heard.option is not None:
        return turn.say(heard.option.text, turn.sentence("chat.see_menu"))
    if turn.incoming.media:
        received = turn.sentence("chat.received_by_menu", n=len(with_us.options) + 1)
        return turn.say(*([with_us.greeting] if turn.is_first else []), received)
    if heard.what is Meant.THANKS and not turn.is_first:
        return turn.say(turn.sentence("chat.goodbye"))
    opening = with_us.greeting if turn.is_first or not is_missed else turn.sentence("chat.not_understood")
    return turn.say(opening, with_us.menu)


def _to_a_person(turn: Turn) -> None:
    """Into the queue, at any hour: outside those of the line they are told when somebody attends."""
    handling.ask_for_a_person(turn.tx, turn.now, turn.chat_id, queue=turn.with_us.queue, actor=ACTOR)
    opening = attended(turn.tx, turn.line)
    if opening.is_open(turn.now):
        return turn.say(turn.sentence("chat.waiting"))
    opens = opening.opens_next(turn.now)
    if opens is None:
        return turn.say(turn.sentence("chat.closed_for_long"))
    local = opens.astimezone(turn.line.zone)
    day = day_from(local.date(), turn.now.astimezone(turn.line.zone).date())
    return turn.say(turn.sentence("chat.closed", abre_dia=day, abre_hora=f"{local:%H:%M}"))


def _opt_out(turn: Turn) -> None:
    """From this moment nobody seeks them on their own account, by call or message; who writes is still answered."""
    phone = as_dialled(turn.incoming.from_, turn.line.country)
    scope, cause = Scope(line=turn.line.id), "lo pidió por WhatsApp"
    exclusions.add(turn.tx, turn.desk.vault, turn.now, ACTOR, Kind.PHONE, phone, scope, cause)
    turn.say(turn.sentence("chat.opted_out"))
    handling.finish(turn.tx, turn.now, turn.chat_id, how="opted out", actor=ACTOR)


def _is_too_much(turn: Turn) -> bool:
    """Two machines would answer each other for ever."""
    ours = (chat_message.c.chat_id == turn.chat_id, chat_message.c.side == Side.LINE)
    of_late = select(func.count()).select_from(chat_message).where(*ours, chat_message.c.at > turn.now - _SHORT)
    return turn.tx.execute(of_late).scalar_one() >= _MANY
