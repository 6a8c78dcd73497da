"""Who is not to be called: in and out of the list, by hand and by file."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from sqlalchemy import delete, select, update

from campaigns import conversation
from campaigns.rules import exclusion_causes, exclusions
from campaigns.rules.exclusion_causes import seal_causes
from campaigns.rules.exclusion_files import export, import_exclusions
from campaigns.rules.exclusions import (
    CannotExclude,
    Kind,
    Scope,
    add,
    add_by_key,
    listed,
    prints_of,
    remove,
    value_of,
    widen,
)
from campaigns.tables import exclusion
from core.audit import audit
from core.person import ERASED
from core.privacy import mask_document, mask_phone
from core.spreadsheets import Unreadable
from demo.invent import citizen
from tests.campaigns.builders import COORDINATOR, attempts_of, running

DUI, PHONE = "000162975", "+50371234567"
ZONE = ZoneInfo("America/El_Salvador")


@pytest.mark.parametrize(
    ("kind", "written", "country", "value"),
    [
        (Kind.PERSON, "00016297-5", "SV", DUI),
        (Kind.PERSON, "162975", "SV", DUI),  # Excel dropped its zeros, and the check digit holds
        (Kind.PERSON, "00a1", "SV", "00A1"),  # of another kind: as it is
        (Kind.PERSON, "1.023.456", "CO", "1023456"),
        (Kind.PERSON, "pepg-850101", "MX", "PEPG850101"),
        (Kind.PHONE, "7123-4567", "SV", PHONE),
        (Kind.PHONE, "+503 7123 4567", "SV", PHONE),
    ],
)
def test_what_is_written_becomes_what_is_compared(kind, written, country, value):
    assert value_of(kind, written, country) == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (Kind.PERSON, ""),
        (Kind.PERSON, "--"),
        (Kind.PERSON, "999"),
        (Kind.PERSON, "00016297-4"),  # the check digit is 5
        (Kind.PERSON, "00•••••-•"),
        (Kind.PHONE, "911"),
        (Kind.PHONE, "no tiene"),
    ],
)
def test_what_cannot_be_read_is_said_without_repeating_it(kind, written):
    with pytest.raises(CannotExclude) as problem:
        value_of(kind, written, "SV")
    assert not written or written not in str(problem.value)


def put(db, vault, clock, kind=Kind.PHONE, value=PHONE, scope=Scope(), cause="lo pidió por carta") -> bool:  # noqa: B008
    with db.begin() as tx:
        return add(tx, vault, clock.now(), COORDINATOR, kind, value, scope, cause)


def standing(db, vault, **wanted):
    with db.begin() as tx:
        return listed(tx, vault, **wanted)


def test_added_once_whatever_how_often(db, vault, clock):
    assert put(db, vault, clock)
    assert not put(db, vault, clock)
    assert put(db, vault, clock, scope=Scope(line="dgs"))  # elsewhere it is another
    (line, everywhere) = standing(db, vault)
    assert (line.scope, everywhere.scope) == (Scope(line="dgs"), Scope())
    assert everywhere.masked == "+503 ••••-••67"


def test_a_reason_is_always_written_and_a_campaign_must_exist(db, vault, clock):
    with pytest.raises(CannotExclude):
        put(db, vault, clock, cause=" ")
    with pytest.raises(CannotExclude):
        put(db, vault, clock, scope=Scope(campaign_id=99))
    assert standing(db, vault) == []


def test_taken_back_by_somebody_and_for_a_reason(db, vault, clock):
    put(db, vault, clock)
    (found,) = standing(db, vault)
    with db.begin() as tx, pytest.raises(CannotExclude):
        remove(tx, vault, clock.now(), COORDINATOR, found.id, "")
    with db.begin() as tx:
        assert remove(tx, vault, clock.now(), COORDINATOR, found.id, "se equivocó de teléfono")
        assert not remove(tx, vault, clock.now(), COORDINATOR, found.id, "otra vez")
    assert standing(db, vault) == []
    with db.begin() as tx:
        kept = tx.execute(select(exclusion)).one()
        rows = tx.execute(select(audit).order_by(audit.c.id)).all()
    told = [row.action for row in rows]
    # What people write may name anybody, and of the trail nothing can be erased.
    assert [(row.reason, row.facts) for row in rows] == [(None, {"kind": "phone", "has_reason": True})] * 2
    assert (kept.removed_by, vault.open(kept.removed_because_sealed)) == (COORDINATOR, "se equivocó de teléfono")
    assert kept.removed_because is None
    assert told == ["exclusion.added", "exclusion.removed"]
    assert put(db, vault, clock)  # and may be added again


def test_why_is_sealed_and_stays_readable_by_the_version_before(db, vault, clock):
    put(db, vault, clock, cause=" se lo pidió a Rosa ")
    with db.begin() as tx:
        row = tx.execute(select(exclusion)).one()
    assert (row.cause, vault.open(row.cause_sealed)) == ("se lo pidió a Rosa",) * 2


def test_what_the_version_before_wrote_is_sealed_at_night(db, vault, clock, monkeypatch):
    """Whatever a line says by itself is nobody's words, and what was erased stays so."""
    monkeypatch.setattr(exclusion_causes, "AT_ONCE", 2)
    for n in range(5):
        put(db, vault, clock, value=f"+5037123000{n}", cause=f"carta {n}")
    with db.begin() as tx:
        add_by_key(tx, clock.now(), Kind.PHONE, vault.fingerprint("phone", PHONE), vault.seal(PHONE), Scope())
        tx.execute(update(exclusion).values(cause_sealed=None))
        tx.execute(update(exclusion).where(exclusion.c.cause == "carta 4").values(cause=ERASED))
    assert {each.cause for each in standing(db, vault)} == {*(f"carta {n}" for n in range(4)), ERASED, "tecla 8"}
    assert seal_causes(db, vault) == 4
    with db.begin() as tx:
        tx.execute(update(exclusion).where(exclusion.c.cause_sealed.is_not(None)).values(cause="—"))
    assert {each.cause for each in standing(db, vault)} == {*(f"carta {n}" for n in range(4)), ERASED, "tecla 8"}
    assert seal_causes(db, vault) == 0


def test_a_supervisor_widens_what_holds_in_one_campaign(db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    put(db, vault, clock, scope=Scope(campaign_id))
    (found,) = standing(db, vault)
    with db.begin() as tx:
        assert widen(tx, vault, clock.now(), COORDINATOR, found.id, Scope(), "lo pidió para todo")
        (line,) = [row for row in tx.execute(select(audit)) if row.action == "exclusion.widened"]
    assert (line.reason, line.facts) == (None, {"kind": "phone", "has_reason": True})
    assert {each.cause for each in standing(db, vault) if each.scope == Scope()} == {"lo pidió para todo"}
    assert {each.scope for each in standing(db, vault)} == {Scope(), Scope(campaign_id)}


def test_looked_for_by_what_somebody_wrote(db, vault, clock):
    put(db, vault, clock)
    put(db, vault, clock, Kind.PERSON, DUI)
    put(db, vault, clock, Kind.PERSON, "123456789")
    assert [each.kind for each in standing(db, vault, about=prints_of(vault, "7123 4567", "SV"))] == [Kind.PHONE]
    assert [each.masked for each in standing(db, vault, about=prints_of(vault, "00016297-5", "SV"))] == ["00•••••-•"]
    assert [each.masked for each in standing(db, vault, about=prints_of(vault, "123456789", "SV"))] == ["12•••••-•"]
    assert prints_of(vault, "?", "SV") == []


def test_key_8_pressed_twice_is_as_pressed_once(db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    (row,) = attempts_of(db, campaign_id)
    for _ in range(2):
        with db.begin() as tx:
            conversation.exclude_person(tx, vault, clock.now(), row.id)
            conversation.exclude_phone(tx, vault, clock.now(), row.id)
    document, phone = mask_document(citizen(0).document), mask_phone(citizen(0).phones[0])
    assert {(each.kind, each.masked, each.scope, each.cause) for each in standing(db, vault)} == {
        (Kind.PERSON, document, Scope(campaign_id), "tecla 8"),
        (Kind.PHONE, phone, Scope(campaign_id), "tecla 8"),
        (Kind.WRONG_NUMBER, phone, Scope(), "tecla 8, antes de verificarse"),
    }


def test_a_list_that_is_carried_elsewhere_says_who_opted_out(db, vault, clock):
    """Taken out in clear and brought in again, it excludes the same people and says why."""
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        conversation.exclude_person(tx, vault, clock.now(), attempts_of(db, campaign_id)[0].id)
    put(db, vault, clock, cause="=HYPERLINK(1)")
    taken = io.StringIO(newline="")
    with db.begin() as tx:
        export(tx, vault, clock.now(), COORDINATOR, taken, zone=ZONE, in_clear=True)
        before = {(bytes(row.print), row.cause) for row in tx.execute(select(exclusion))}
        tx.execute(delete(exclusion))
    done = bring(db, vault, clock, taken.getvalue().encode("utf-8-sig"))
    assert (done.added, done.faults) == (2, [])
    with db.begin() as tx:
        assert {(bytes(row.print), row.cause) for row in tx.execute(select(exclusion))} == before


def test_a_list_that_was_taken_out_masked_is_not_taken_for_one(db, vault, clock):
    put(db, vault, clock)
    taken = io.StringIO(newline="")
    with db.begin() as tx:
        export(tx, vault, clock.now(), COORDINATOR, taken, zone=ZONE)
    done = bring(db, vault, clock, taken.getvalue().encode("utf-8-sig"))
    (fault,) = done.faults
    assert done.added == done.known == 0 and "con los datos a la vista" in fault.sentence


def bring(db, vault, clock, data: bytes, scope=Scope(), cause="lista"):  # noqa: B008
    with db.begin() as tx:
        return import_exclusions(tx, vault, clock.now(), COORDINATOR, data, "lista", scope, "SV", cause)


def test_a_list_of_documents_and_telephones(db, vault, clock):
    data = "documento;teléfono;nota\r\n00016297-5;7123-4567;x\r\n;7000-0001;y\r\n04567890-3;;z\r\n".encode()
    done = bring(db, vault, clock, data)
    assert (done.added, done.known, done.faults) == (4, 0, [])
    again = bring(db, vault, clock, data)
    assert (again.added, again.known) == (0, 4)


def test_what_cannot_be_read_is_told_by_row_and_the_rest_is_kept(db, vault, clock):
    data = b"telefono\n7123-4567\n911\n\n7123-4567\nabc\n"
    done = bring(db, vault, clock, data)
    assert (done.added, done.known) == (1, 1)
    assert [(fault.row, fault.column) for fault in done.faults] == [(3, "telefono"), (6, "telefono")]


def test_thousands_of_rows(db, vault, clock):
    data = "telefono\n" + "\n".join(f"7{1_000_000 + n}" for n in range(5000))
    assert bring(db, vault, clock, data.encode(), Scope(line="dgs")).added == 5000
    with db.begin() as tx:
        assert exclusions.count(tx) == 5000
        (told,) = tx.execute(select(audit)).all()
    assert (told.action, told.facts) == ("exclusion.imported", {"added": 5000, "known": 0, "faults": 0})


def test_a_workbook_too(db, vault, clock):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Exclusiones")
    for n, row in enumerate([("Documento", "Celular"), (162975, 71234567), ("=1+1", "")]):
        sheet.write_row(n, 0, row)
    book.close()
    done = bring(db, vault, clock, target.getvalue())
    assert done.added >= 2
    assert {each.masked for each in standing(db, vault)} >= {"00•••••-•", "+503 ••••-••67"}


@pytest.mark.parametrize("data", [b"", b"nombre;edad\nAna;40\n", b"PK\x03\x04 roto", b"\x00\x01\x02"])
def test_a_file_without_a_column_to_read_stores_nothing(db, vault, clock, data):
    with pytest.raises(Unreadable):
        bring(db, vault, clock, data)
    assert standing(db, vault) == []


def exported(db, vault, clock, *, in_clear: bool) -> list[list[str]]:
    target = io.StringIO(newline="")
    with db.begin() as tx:
        export(tx, vault, clock.now(), COORDINATOR, target, zone=ZONE, in_clear=in_clear)
    return list(csv.reader(io.StringIO(target.getvalue()), delimiter=";"))


def test_taken_out_masked_or_in_clear_and_always_audited(db, vault, clock):
    put(db, vault, clock, cause="=HYPERLINK(1)")
    put(db, vault, clock, Kind.PERSON, DUI, Scope(line="dgs"))
    heading, phone, person = exported(db, vault, clock, in_clear=False)
    assert heading == ["documento", "telefono", "alcance", "desde", "motivo", "quien"]
    # A reason is text, never a formula; the hour is the institution's.
    local = f"{clock.now().astimezone(ZONE):%d/%m/%Y %H:%M}"
    assert phone == ["", "+503 ••••-••67", "todas las campañas", local, "'=HYPERLINK(1)", COORDINATOR]
    assert person[:3] == ["00•••••-•", "", "línea dgs"]
    _, phone, person = exported(db, vault, clock, in_clear=True)
    assert (phone[:2], person[:2]) == (["", PHONE], [DUI, ""])
    with db.begin() as tx:
        rows = tx.execute(select(audit.c.facts).where(audit.c.action == "exclusion.exported").order_by(audit.c.id))
        assert [row.facts for row in rows] == [{"rows": 2, "in_clear": False}, {"rows": 2, "in_clear": True}]


def test_the_list_is_read_by_pages(db, vault, clock):
    for n in range(5):
        put(db, vault, clock, value=f"+5037100000{n}")
        clock.advance(timedelta(seconds=1))
    first = standing(db, vault, limit=3)
    assert [each.masked[-2:] for each in first] == ["04", "03", "02"]
    assert [each.masked[-2:] for each in standing(db, vault, limit=3, before=first[-1].id)] == ["01", "00"]
