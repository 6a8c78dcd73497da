"""What says whose something is goes where what it is of goes: with anonymity, and at the end of its days."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from assembly import Parts
from cases.attentions import attentions
from cases.tables import attention
from core.clock import FixedClock
from core.person import Person
from desk.retention import purge_some
from desk.tables import promise, room, voice_message
from tests.rights.life import LUIS, OPERATOR, ROSA, SAN_SALVADOR, called, promised_and_left_a_message
from tests.rights.searching import found_by_print
from work import fetcher


@pytest.fixture
def tx(parts: Parts):
    with parts.db.begin() as tx:
        yield tx


def typed(tx: Connection, parts: Parts, **words: Any) -> list[bytes] | None:
    """The prints of an attention of Rosa's call in which this was typed."""
    now = parts.clock.now()
    told: dict[str, Any] = {
        "room_id": 1,
        "line": "linea131",
        "call_sid": None,
        "zone": SAN_SALVADOR,
        "is_sensitive": True,
    }
    draft = attentions.open_draft(
        tx, parts.vault, now, **told, phone=ROSA.phone, document=ROSA.document, operator=OPERATOR
    )
    if words:
        attentions.type_draft(tx, parts.vault, now, draft, OPERATOR, **words)
    if words.get("outcome"):
        assert isinstance(attentions.save(tx, parts.vault, now, draft, OPERATOR), attentions.Saved)
    return tx.execute(select(attention.c.prints).where(attention.c.id == draft)).scalar_one()


def test_an_attention_is_found_by_all_that_is_in_it(parts: Parts, tx: Connection) -> None:
    rosa, luis = ROSA.asks(parts), LUIS.asks(parts)
    assert typed(tx, parts) == [*rosa.phone_prints, *rosa.document_prints]
    found = typed(tx, parts, phone=LUIS.phone, document=LUIS.citizen.document, household="00016297-5, no sé")
    member = Person.known_by(parts.vault, ["000162975"])
    assert set(found or ()) == {*rosa.prints, *luis.prints, *member.prints}
    assert set(typed(tx, parts, phone="", document="", household="") or ()) == set(rosa.prints)


def test_of_who_stays_anonymous_there_is_none(parts: Parts, tx: Connection) -> None:
    form = {"subject": "D01", "caller_kind": "PERSONA_USUARIA", "detail": "Pide orientación", "outcome": "CERRADO"}
    answers = {"is_anonymous": True, "has_conflict": False, "is_gift_offered": False}
    assert typed(tx, parts, **form, **answers) == []
    assert found_by_print(tx, ROSA.asks(parts)) == set()


def test_at_the_end_of_its_days_there_is_none(parts: Parts, clock: FixedClock) -> None:
    with parts.db.begin() as tx:
        called(tx, parts, ROSA)
        promised_and_left_a_message(tx, parts, ROSA)
        for table, column in ((room, "document_print"), (promise, "document_print"), (voice_message, "phone_print")):
            assert tx.execute(select(table.c[column])).scalar_one() in ROSA.asks(parts).prints
    clock.advance(timedelta(days=91))
    with parts.db.begin() as tx:
        purge_some(tx, clock.now(), clock.now() - timedelta(days=90))
    fetcher(parts).sweep()
    with parts.db.begin() as tx:
        assert found_by_print(tx, ROSA.asks(parts)) == {"call.citizen_print"}  # ivr/housekeeping.py has those
