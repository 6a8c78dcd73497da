"""Beside years of letters and texts nothing that is done each minute, or for a page, reads them from end to end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, true

from core.post import Channel, Letter, TextMessage, leave, post
from core.post_book import letters, letters_in_trouble, lost_texts, waiting
from core.post_states import fold
from desk.chats import chats, handling
from desk.chats.states import MessageState
from messages.chat_states import fold as fold_chat
from messages.courier import Doubtful, Taken
from tests.messages.chatting import Chatting
from tests.plans import explained
from tests.slow import IS_WHOLE
from work import chat_sender, post_office

ROWS = 60_000 if IS_WHOLE else 15_000
_YEARS = text("""
    insert into post (channel, kind, line, campaign_id, once, to_sealed, to_print, remote_sid, queued_at, sent_at,
      state)
    select case when n % 9 = 0 then 'MAIL' else 'SMS' end, 'x', 'dgs', n % 900, 'x:' || n, '', sha256(n::text::bytea),
        'SM' || n, at, at, case when n % 9 = 0 then 'sent' else 'delivered' end
    from (select n, :now - n * interval '10 min' as at from generate_series(1, :rows) n) moments
""")


class Doubting:
    """Takes nothing for certain, and has one text."""

    def written(self, row):
        return row.id

    def segments(self, written) -> None:
        return None

    def hand_over(self, written) -> Doubtful:
        return Doubtful("No contestó.")

    def look_for(self, written, since) -> list[Taken]:
        return [Taken("SM17"), Taken("SMnew", "delivered")]

    def next_try(self, row):
        return row.tried_at

    def is_over(self, tries, since, now) -> bool:
        return False


@pytest.mark.slow(10)
def test_no_statement_reads_them_all(parts, db, vault, clock) -> None:
    with db.begin() as tx:
        tx.execute(_YEARS, {"now": clock.now(), "rows": ROWS})
    with db.at_once() as tx:
        tx.execute(text("vacuum analyze post"))
    office = replace(post_office(parts), couriers=dict.fromkeys(Channel, Doubting()))

    with explained(db) as plans:
        with db.begin() as tx:
            number = leave(tx, vault, clock.now(), TextMessage("x", "+50371234567", "dgs", body="Hola", once="once"))
            leave(tx, vault, clock.now(), Letter("x", "ana@x.example", "Aviso", "Hola", None, campaign_id=7))
        office.send(number)
        clock.advance(timedelta(minutes=2))
        office.send_again()
        office.send(number)
        office.forget_texts(timedelta(minutes=10 * (ROWS - 50)))
        with db.begin() as tx:
            fold(tx, clock.now(), number, "SMnew", "delivered")
            letters(tx, true(), 200)
            letters(tx, true(), 200, only_unsent=True)
            letters_in_trouble(tx, true())
            lost_texts(tx)
            assert waiting(tx, clock.now()) == {Channel.MAIL: 1, Channel.SMS: 0, Channel.WHATSAPP: 0}
            tx.execute(post.select().where(post.c.to_print == b"1"))
            tx.execute(post.select().where(post.c.case_id == 1))
        with db.begin() as tx:
            found = tx.execute(post.select().where(post.c.id == number)).one()
            assert (found.state, found.remote_sid) == ("delivered", "SMnew")
    assert "post" in plans.large
    assert not plans.read_whole, plans.read_whole


_CHATS = text("""
    insert into chat (line, queue, state, citizen_sealed, citizen_print, opened_at, wrote_at, ended_at)
    select 'dgs', 'general', 'ENDED', '', sha256(n::text::bytea), at, at, at
    from (select n, :now - n * interval '10 min' as at from generate_series(1, :rows) n) moments
""")
_SAID = text("""
    insert into chat_message (chat_id, at, side, sid, body_sealed, state)
    select id, wrote_at, 'LINE', 'SM' || id, '', 'READ' from chat
""")


@pytest.mark.slow(10)
def test_nor_does_any_of_those_that_look_after_conversations(parts, db, webhooks, clock) -> None:
    with db.begin() as tx:
        tx.execute(_CHATS, {"now": clock.now(), "rows": ROWS})
        tx.execute(_SAID)
    with db.at_once() as tx:
        tx.execute(text("vacuum analyze chat, chat_message"))
    sender = replace(chat_sender(parts), courier=Doubting())
    chatting = Chatting(parts, webhooks)
    chatting.writes("hola")
    answer, conversation = chatting.said()[-1].id, chatting.newest().id

    with explained(db) as plans:
        sender.send(answer)
        clock.advance(timedelta(minutes=2))
        sender.send_again()
        sender.send(answer)
        with db.begin() as tx:
            fold_chat(tx, answer, "SMnew", "read")
            chats.with_people(tx, parts.world.desk)
            chats.had_by(tx, 1)
            chats.messages_of(tx, parts.world.desk, conversation)
        clock.advance(timedelta(days=20))
        with db.begin() as tx:
            assert handling.look_after(tx, clock.now()) == 1
    assert plans.large >= {"chat", "chat_message"}
    assert not plans.read_whole, plans.read_whole
    assert chatting.said()[-1].state is MessageState.READ
