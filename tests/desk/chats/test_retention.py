"""Old conversations say nothing of anybody any more; that there were any, stays."""

import pytest
from sqlalchemy import select

from assembly import Parts
from desk.chats.retention import purge
from desk.chats.tables import chat, chat_media, chat_message
from tests.messages.chatting import Chatting
from tests.webhooks import Webhooks
from work import retention

DAYS = 90


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    found = Chatting(parts, webhooks)
    found.at_the_desk()
    return found


def over(chatting: Chatting) -> int:
    chatting.writes("(photo)")
    chatting.writes("5")
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.answers(conversation, "Queda anotado.")
    chatting.ends(conversation)
    return conversation


def test_what_is_old_enough_is_erased_once(chatting: Chatting):
    old = over(chatting)
    chatting.passes(days=DAYS - 1)
    assert purge(retention(chatting.parts)) == 0
    chatting.writes("5", "+50370009999")
    chatting.passes(days=1)
    assert purge(retention(chatting.parts)) == 1
    assert purge(retention(chatting.parts)) == 0
    with chatting.parts.db.begin() as tx:
        row = tx.execute(select(chat).where(chat.c.id == old)).one()
        words = set(tx.execute(select(chat_message.c.body_sealed).where(chat_message.c.chat_id == old)).scalars())
        files = set(tx.execute(select(chat_media.c.sid)).scalars())
        others = tx.execute(select(chat.c.citizen_sealed).where(chat.c.id != old)).scalars().all()
    assert (row.citizen_sealed, row.citizen_print, words, files) == (None, None, {None}, {None})
    assert row.line == "dgs" and row.answered_at and row.ended_at, "what counts is kept"
    assert None not in others
    assert [each.text for each in chatting.said(old)] == [None] * len(chatting.said(old))


def test_an_open_one_is_never_erased(chatting: Chatting):
    chatting.writes("5")
    chatting.passes(days=5 * DAYS)
    assert purge(retention(chatting.parts)) == 0


def test_who_writes_again_afterwards_begins_anew(chatting: Chatting):
    old = over(chatting)
    chatting.passes(days=DAYS)
    purge(retention(chatting.parts))
    chatting.writes("gracias")
    assert chatting.newest().id > old
