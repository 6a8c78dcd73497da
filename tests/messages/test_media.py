"""A photograph that is nobody's any more is deleted at the carrier, and asked for again while that does not answer."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, text

from assembly import Parts
from carrier.client import CarrierDown
from core.person import Person
from desk.chats import person
from desk.chats.files import NotThere, fetch
from desk.chats.media import DELETE_MEDIA
from desk.chats.tables import chat_media, chat_message
from messages import media
from messages.media import MediaRemover
from tests.messages.chatting import CITIZEN, Chatting
from tests.webhooks import Webhooks
from work import context


@dataclass
class Network:
    """Deletes what is asked for, or does not answer."""

    is_down: bool = False
    accounts: list[str | None] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)

    def messaging(self, account: str | None, number: str) -> "Network":
        self.accounts.append(account)
        return self

    def delete_media(self, message_sid: str, media_sid: str) -> bool:
        if self.is_down:
            raise CarrierDown
        self.deleted.append((message_sid, media_sid))
        return True


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def remover(parts: Parts, network: Network) -> MediaRemover:
    carriers: Any = network
    return MediaRemover(parts.db, carriers, parts.world.desk.lines)


def forgotten(chatting: Chatting) -> tuple[str, str, list[Any]]:
    """Somebody sent a photograph, and asked to be erased: (message, file, what they are told)."""
    chatting.writes("(photo)")
    parts = chatting.parts
    with parts.db.begin() as tx:
        names = select(chat_media.c.sid, chat_message.c.sid.label("message"))
        row = tx.execute(names.join(chat_message, chat_message.c.id == chat_media.c.message_id)).one()
        who = Person.known_by(parts.vault, [], [CITIZEN])
        told = list(person.forget(tx, parts.vault, parts.clock.now(), who, "cli:datos"))
    return row.message, row.sid, told


def jobs_left(parts: Parts) -> list[str]:
    with parts.db.begin() as tx:
        query = "select task_name from procrastinate_jobs where task_name like 'messages.delete%'"
        return list(tx.execute(text(query)).scalars())


def test_it_is_deleted_there_once_and_the_person_is_told_so(chatting, parts, remover, network):
    message, file, told = forgotten(chatting)
    assert {each.what: each.erased for each in told} == {
        "Conversaciones escritas": 1,
        "Fotos y audios, también en la red de mensajes": 1,
    }
    assert jobs_left(parts) == [DELETE_MEDIA]
    assert remover.remove() == 1
    assert remover.remove() == 0
    assert network.deleted == [(message, file)]
    assert network.accounts == [parts.settings.trunks.first.account_sid]


def test_while_the_carrier_does_not_answer_it_waits_and_nobody_can_look_at_it(chatting, parts, remover, network):
    _, file, _ = forgotten(chatting)
    network.is_down = True
    told: Any = SimpleNamespace(additional_context={"media_remover": remover})
    with pytest.raises(CarrierDown):
        media.delete_media(told)
    media.delete_media_again(told, timestamp=0)
    with parts.db.begin() as tx:
        assert tx.execute(select(chat_media.c.sid, chat_media.c.sid_to_delete)).one() == (None, file)
        media_id = tx.execute(select(chat_media.c.id)).scalar_one()
    with pytest.raises(NotThere):
        fetch(parts.world.desk, chatting.newest().id, media_id, "ana@ejemplo.gob.sv")
    network.is_down = False
    media.delete_media_again(told, timestamp=0)
    assert [sid for _, sid in network.deleted] == [file]
    with parts.db.begin() as tx:
        assert tx.execute(select(chat_media.c.sid_to_delete)).scalar_one() is None


def test_the_worker_has_what_it_takes(parts):
    assert isinstance(context(parts)["media_remover"], MediaRemover)
