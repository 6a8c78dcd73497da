"""One telephone, several people: what has another's document is another's, and who is only named is taken out alone."""

from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, update

from assembly import Parts
from cases.attentions import attentions
from cases.attentions.household import of_case
from cases.consultations.consultations import close_case, open_case
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS, write
from cases.tables import attention, case_
from core.former_post import outbox
from core.person import Person
from desk.tables import promise, room
from ivr.tables import call
from messages import former
from procedures.promising import promise_call
from rights.answering import erase, export
from rights.asking import Asked
from rights.rooms import fill_prints
from rights.terms import Right
from tests.rights.life import LUIS, OPERATOR, ROSA, SAN_SALVADOR, Someone, attended, called
from tests.rights.searching import told_in

REQUEST = Asked(Right.ERASE, "DP-1", date(2026, 11, 20), "SV")


def sharing(who: Someone, other: Someone) -> Someone:
    """``who`` at the telephone of ``other``."""

    class Sharing(Someone):
        @property
        def phone(self) -> str:
            return other.phone

    return Sharing(who.citizen)


@pytest.fixture
def house(parts: Parts) -> Parts:
    """Luis and Rosa rang from Rosa's telephone, each about themselves."""
    for who in (ROSA, sharing(LUIS, ROSA)):
        with parts.db.begin() as tx:
            attended(tx, parts, who, called(tx, parts, who))
    return parts


def things(parts: Parts, who: Person) -> list[str]:
    with parts.db.begin() as tx:
        return [each.where for each in export(tx, parts.vault, parts.clock.now(), REQUEST, who, "cli:datos")]


def test_of_a_shared_telephone_each_is_told_their_own(house: Parts) -> None:
    with house.db.begin() as tx:
        theirs = {
            who: {
                *(f"case_ {row.id}" for row in tx.execute(select(case_).where(_document(house, who, case_)))),
                *(f"room {row.id}" for row in tx.execute(select(room).where(_document(house, who, room)))),
                f"call CA{who.document}",
            }
            for who in (ROSA, LUIS)
        }
    both = {who: set(things(house, Person.known_by(house.vault, [who.document], [ROSA.phone]))) for who in (ROSA, LUIS)}
    assert theirs[ROSA] <= both[ROSA] and theirs[LUIS] <= both[LUIS]
    assert not both[ROSA] & both[LUIS]


def _document(parts: Parts, who: Someone, table):
    return table.c.document_print == parts.vault.fingerprint("document", who.document)


def test_erasing_one_leaves_the_other_whole(house: Parts) -> None:
    luis = Person.known_by(house.vault, [LUIS.document], [ROSA.phone])
    before = things(house, luis)
    with house.db.begin() as tx:
        done = erase(tx, house.vault, house.clock.now(), REQUEST, ROSA.asks(house), "cli:datos")
    assert done.count
    assert things(house, luis) == before


def test_a_call_of_which_nothing_more_is_known_is_of_who_has_the_telephone(parts: Parts) -> None:
    vault, now = parts.vault, parts.clock.now()
    known = {"citizen_sealed": vault.seal(ROSA.phone), "citizen_print": vault.fingerprint("phone", ROSA.phone)}
    row = {"line": "dgs", "direction": "inbound", "turn": 3, "tries": 0, "answer": {}}
    with parts.db.begin() as tx:
        tx.execute(insert(call).values(sid="CA1", **row, **known, started_at=now, ended_at=now))
    assert things(parts, ROSA.asks(parts)) == ["call CA1"]
    assert things(parts, Person.known_by(vault, [ROSA.document])) == []


def test_who_is_only_named_in_a_household_is_taken_out_of_it(parts: Parts) -> None:
    vault, now = parts.vault, parts.clock.now()
    members = f"{ROSA.citizen.document}\n{LUIS.citizen.document}"
    with parts.db.begin() as tx:
        draft = attentions.open_draft(
            tx, vault, now, room_id=9, line="dgs", call_sid=None, phone=None, document="000162975", operator=OPERATOR,
            zone=SAN_SALVADOR,
        )  # fmt: skip
        attentions.type_draft(
            tx, vault, now, draft, OPERATOR,
            subject="C02", caller_kind="BENEFICIARIO", contact_name="Alguien", detail="Pregunta qué documentos traer",
            has_conflict=False, is_gift_offered=False, outcome="CERRADO", household=members,
        )  # fmt: skip
        saved = attentions.save(tx, vault, now, draft, OPERATOR)
        assert isinstance(saved, attentions.Saved)
        (named,) = export(tx, vault, now, REQUEST, ROSA.asks(parts), "cli:datos")
        assert (named.what, dict(named.told)) == (
            "Nombrado al atender a otra persona",
            {"Como parte de su hogar": "sí"},
        )
        assert erase(tx, vault, now, REQUEST, ROSA.asks(parts), "cli:datos").count == 1
        assert of_case(tx, vault, saved.case_id).documents == (LUIS.document,)
        kept = tx.execute(select(attention.c.prints)).scalar_one()
    assert len(kept) == 2


def test_of_what_was_noted_every_correction_goes_too(parts: Parts) -> None:
    """The second and the third name no consultation; nor does the last, which is of another's."""
    vault, now = parts.vault, parts.clock.now()
    by = {"line": "dgs", "person": OPERATOR, "actor": OPERATOR}
    with parts.db.begin() as tx:
        last = None
        for n, who in enumerate((ROSA, ROSA, ROSA, LUIS)):
            told = Told("SEGUIMIENTO", now, None, None, {"what": who.words})
            case_id = None
            if n in (0, 3):
                case_id = open_case(tx, vault, now, "C01", who.document, who.phone, "dgs", None, who.words)
                close_case(tx, vault, now, case_id, OPERATOR, "Se le explicó")
            last = write(tx, vault, now, BOOKS[Register.DIARIA], told, case_id=case_id, corrects=last, **by)
        done = erase(tx, vault, now, REQUEST, ROSA.asks(parts), "cli:datos")
        assert ("Anotaciones de los registros", 3) in {(each.what, each.erased) for each in done.done}
        assert told_in(tx, vault, [ROSA.words]) == {}
        assert told_in(tx, vault, [LUIS.words])["register_entry.told_sealed"] == 1


def test_rows_of_before_there_were_prints_are_found_too(house: Parts) -> None:
    with house.db.begin() as tx:
        before = (
            tx.execute(select(attention.c.id, attention.c.prints).order_by(attention.c.id)).all(),
            tx.execute(select(room.c.id, room.c.document_print).order_by(room.c.id)).all(),
        )
        tx.execute(update(attention).values(prints=None))
        tx.execute(update(room).values(document_print=None))
    assert fill_prints(house.db, house.vault) == 4
    assert fill_prints(house.db, house.vault) == 0
    with house.db.begin() as tx:
        assert before == (
            tx.execute(select(attention.c.id, attention.c.prints).order_by(attention.c.id)).all(),
            tx.execute(select(room.c.id, room.c.document_print).order_by(room.c.id)).all(),
        )


def test_however_many_there_are_all_are_filled(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bringing over what the version before left gives way after a while, for the worker's sake."""
    seconds = count(step=10)
    monkeypatch.setattr(former, "AT_ONCE", 1)
    monkeypatch.setattr(former, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    said = {"line": "dgs", "to_sealed": parts.vault.seal(ROSA.phone), "prompt": "sms.pin_changed", "state": "sent"}
    with parts.db.begin() as tx:
        tx.execute(insert(outbox).values(**said, queued_at=parts.clock.now()), [{}] * 5)
    assert fill_prints(parts.db, parts.vault) == 5
    assert len(things(parts, ROSA.asks(parts))) == 5


def test_a_call_promised_to_both_for_one_minute_hands_nobody_the_others_words(parts: Parts) -> None:
    """They were one row: the daughter was handed what her mother had said, and erasing the mother left it."""
    now, vault, at = parts.clock.now(), parts.vault, parts.clock.now() + timedelta(days=1)
    with parts.db.begin() as tx:
        for who in (ROSA, LUIS):
            case_id = open_case(tx, vault, now, "C01", who.document, ROSA.phone, "dgs", None, "Pregunta precios")
            words = f"Secreto de {who.document}"
            promise_call(tx, parts.world.desk, now, case_id, "dgs", at, words=words, actor=OPERATOR)
            close_case(tx, vault, now, case_id, OPERATOR, "Listo")
        tx.execute(update(promise).values(state="KEPT", ended_at=now))
    luis = Person.known_by(vault, [LUIS.document], [ROSA.phone])
    with parts.db.begin() as tx:
        told = " ".join(" ".join(each.told.values()) for each in export(tx, vault, now, REQUEST, luis, "cli:datos"))
        assert f"Secreto de {LUIS.document}" in told and f"Secreto de {ROSA.document}" not in told
        assert erase(tx, vault, now, REQUEST, ROSA.asks(parts), "cli:datos").waits_for == ()
        left = [vault.open(each) for each in tx.execute(select(promise.c.learnt_sealed)).scalars() if each is not None]
    assert f"Secreto de {LUIS.document}" in " ".join(left) and ROSA.document not in " ".join(left)
