"""What waited where letters and texts were before: brought over once, as it was, and sent from here."""

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from core.former_post import mail, outbox
from core.post import Letter, leave, post
from core.post_book import letters
from core.privacy import Vault
from messages import former
from messages.former import AT_ONCE, Former

TO, PHONE = "area@subsidios.example", "+50371234567"
IDS = count(4711)  # below those that the revision leaves to the new ones, here those from one on
LETTER = {"kind": "report", "subject": "CAMP-2026-0001", "state": "queued"}


@pytest.fixture
def bringing(db, vault) -> Former:
    return Former(db, vault)


def a_letter(db, vault, clock, **facts: Any) -> int:
    row = {
        "id": next(IDS),
        **LETTER,
        "to_sealed": vault.seal(TO),
        "body_sealed": vault.seal("Hola"),
        "queued_at": clock.now(),
        **facts,
    }
    with db.begin() as tx:
        return tx.execute(insert(mail).values(row).returning(mail.c.id)).scalar_one()


def a_text(db, vault, clock, **facts: Any) -> None:
    row = {"line": "dgs", "to_sealed": vault.seal(PHONE), "prompt": "sms.pin_changed", "state": "queued"}
    with db.begin() as tx:
        tx.execute(insert(outbox).values({**row, "queued_at": clock.now(), **facts}))


def rows(db):
    with db.begin() as tx:
        left = [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (mail, outbox)]
        assert left == [0, 0]
        return tx.execute(select(post).order_by(post.c.id)).all()


def test_a_letter_keeps_its_id_its_name_and_what_became_of_it(db, vault, clock, bringing):
    sent_at = clock.now() + timedelta(minutes=3)
    number = a_letter(db, vault, clock, campaign_id=7, once="report:1", state="sent", tries=2, sent_at=sent_at)
    assert bringing.bring_over() == 1
    (row,) = rows(db)
    assert (row.id, row.campaign_id, row.once, row.state, row.tries) == (number, 7, "report:1", "sent", 2)
    assert (row.channel, row.kind, row.subject, row.sent_at) == ("MAIL", "report", "CAMP-2026-0001", sent_at)
    assert (vault.open(row.to_sealed), vault.open(row.body_sealed)) == (TO, "Hola")
    assert row.to_print == vault.fingerprint("email", TO)
    assert bringing.bring_over() == 0


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ({}, ("queued", 0, None)),
        ({"state": "unknown"}, ("unknown", 1, None)),
        ({"state": "sent", "remote_sid": "SM1"}, ("sent", 0, "SM1")),
        ({"state": "refused"}, ("refused", 0, None)),
    ],
)
def test_a_text_keeps_its_doubt(db, vault, clock, bringing, facts, kept):
    a_text(db, vault, clock, sent_at=clock.now(), **facts)
    bringing.bring_over()
    (row,) = rows(db)
    assert (row.state, row.tries, row.remote_sid) == kept
    assert (row.channel, row.line, row.kind, row.prompt) == ("SMS", "dgs", "pin_changed", "sms.pin_changed")
    assert row.to_print == vault.fingerprint("phone", PHONE)
    assert (row.sent_at is not None) == (row.state == "sent")


def test_what_was_erased_stays_erased_and_what_nobody_can_open_is_given_up(db, vault, clock, bringing):
    nothing, strange = vault.seal(""), Vault("another key, of no use here at all…").seal(TO)
    a_letter(
        db, vault, clock, state="sent", problem="Lo que decía ya se borró.", to_sealed=nothing, body_sealed=nothing
    )
    a_letter(db, vault, clock, to_sealed=strange)
    a_text(db, vault, clock, state="sent", to_sealed=b"")
    bringing.bring_over()
    for row in rows(db):
        assert (row.to_sealed, row.to_print, row.body_sealed, row.problem) == (b"", None, None, None)
    assert sorted(row.state for row in rows(db)) == ["failed", "sent", "sent"]
    with db.begin() as tx:
        assert len(letters(tx, text("true"), 10)) == 2  # type: ignore[arg-type]


def test_many_are_brought_in_parts_and_what_a_worker_still_sends_waits_for_the_next_turn(db, vault, clock, bringing):
    for _ in range(AT_ONCE + 2):
        a_text(db, vault, clock, state="sent")
    number = a_letter(db, vault, clock)
    with db.begin() as tx:
        tx.execute(select(mail).where(mail.c.id == number).with_for_update())
        assert bringing.bring_over() == AT_ONCE + 2
    context: Any = SimpleNamespace(additional_context={"former_post": bringing})
    former.bring_over(context, timestamp=0)
    assert len(rows(db)) == AT_ONCE + 3


def test_a_letter_left_before_is_not_left_again_while_it_is_being_brought(db, vault, clock, bringing):
    number = a_letter(db, vault, clock, once="report:1")
    for _ in range(2):
        with db.begin() as tx:
            assert leave(tx, vault, clock.now(), Letter("report", TO, "Otra", "x", None, once="report:1")) == number
        bringing.bring_over()
    assert len(rows(db)) == 1
