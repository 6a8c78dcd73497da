"""What written conversations keep of a person (core/person.py): their telephone, and every word of both.

As with calls, one that is known by its consultation to be another's is not theirs, though the telephone is.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Row, or_, select, update

from cases.attentions.conversation import of_room
from cases.person_rows import rooms_of
from cases.tables import attention, case_
from core.person import Forgotten, Kept, Person, opened, told
from core.privacy import Vault
from desk.chats import media
from desk.chats.states import UNSENT, ChatState, Side
from desk.chats.tables import chat, chat_media, chat_message

HOLDS = frozenset({"chat.citizen_sealed", "chat_message.body_sealed"})
NOBODYS: dict[str, str] = {}
_SIDES = {Side.CITIZEN: "Usted", Side.LINE: "La línea", Side.OPERATOR: "Quien le atendió"}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Each message; of a photograph or a voice note, that there was one: its bytes are the carrier's."""
    for row in _chats(tx, vault, who):
        said = {"Línea": row.line, "Teléfono": who.phone(opened(vault, row.citizen_sealed))}
        yield Kept("Conversación escrita", f"chat {row.id}", row.opened_at, told(said))
        for each in tx.execute(
            select(chat_message).where(chat_message.c.chat_id == row.id).order_by(chat_message.c.id)
        ):
            came = select(chat_media.c.kind).where(chat_media.c.message_id == each.id).order_by(chat_media.c.id)
            words = {"Escribió": _SIDES[Side(each.side)], "Palabras": opened(vault, each.body_sealed)}
            words |= {"Venía con": ", ".join(_thing(kind) for kind in tx.execute(came).scalars())}
            yield Kept(f"Mensaje de la conversación {row.id}", f"chat_message {each.id}", each.at, told(words))


def _thing(kind: str) -> str:
    return {"image": "una foto", "audio": "un audio", "video": "un video"}.get(kind.partition("/")[0], "un archivo")


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """A conversation that goes on, or in which something is still to be sent."""
    for row in _chats(tx, vault, who):
        unsent = (chat_message.c.chat_id == row.id, chat_message.c.state.in_(UNSENT))
        if row.state != ChatState.ENDED:
            yield f"La conversación escrita {row.id} sigue abierta en la línea {row.line}: espere a que termine."
        elif tx.execute(select(chat_message.c.id).where(*unsent).limit(1)).first() is not None:
            yield f"En la conversación escrita {row.id} hay un mensaje por enviarse: espere a que salga."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """That there was one, with how many messages, stays. Photographs are deleted at the carrier by a job."""
    ids = [row.id for row in _chats(tx, vault, who)]
    found = media.forget(tx, ids)
    tx.execute(update(chat_message).where(chat_message.c.chat_id.in_(ids)).values(body_sealed=None))
    nothing = {"citizen_sealed": None, "citizen_print": None, "purged_at": now}
    tx.execute(update(chat).where(chat.c.id.in_(ids)).values(**nothing))
    yield Forgotten("Conversaciones escritas", len(ids))
    yield Forgotten("Fotos y audios, también en la red de mensajes", found)


def _chats(tx: Connection, vault: Vault, who: Person) -> list[Row]:
    """Those of their telephones, and those in which they were attended."""
    of_somebody_else = (
        select(attention.c.id)
        .join(case_, case_.c.id == attention.c.case_id)
        .where(of_room(chat.c.id))
        .where(who.is_anothers(case_.c.document_print))
    )
    attended = chat.c.id.in_(rooms_of(tx, vault, who))
    theirs = or_(attended, chat.c.citizen_print.in_(who.phone_prints)) & ~of_somebody_else.exists()
    return list(tx.execute(select(chat).where(theirs, chat.c.purged_at.is_(None)).order_by(chat.c.id)))
