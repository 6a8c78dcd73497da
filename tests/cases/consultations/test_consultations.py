"""Consultations: left by the line, seen in a tray, closed by somebody."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cases.catalogue.catalogue import UnknownSubject, callers_for, read, subject_of, subjects_for
from cases.consultations.consultations import (
    NoSuchCase,
    close_case,
    open_case,
    pending_cases,
    reveal_case,
)
from cases.events import EventKind, events_of
from cases.problem import TextMissing
from cases.tables import case_
from core import audit
from core.roles import Role

ANA = "000162975"
LUISA = "luisa@ejemplo.gob.sv"
LUIS = "045678903"
PHONE = "+50372461935"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def leave(tx, vault, clock):
    def leave(subject: str = "NO_ACTIVO", document: str = ANA, detail: str = "") -> int:
        return open_case(tx, vault, clock.now(), subject, document, PHONE, "dgs", "CA1", detail)

    return leave


def test_the_catalogue_has_the_kinds_of_the_procedure():
    offered = [subject.code for subject in subjects_for("dgs")]
    assert [code for code in offered if code.startswith("C")] == [f"C{n:02}" for n in range(1, 13)] + ["C99"]
    assert [code for code in offered if not code.startswith("C")] == [
        "FECHA_NACIMIENTO",
        "SIN_HISTORIAL",
        "PIN_INVALIDO",
        "NO_ACTIVO",
        "NO_GENERADO",
        "SIN_COMUNICACION",
    ]
    assert all(Role.COORDINADOR in subject.roles for subject in read().subjects.values())
    assert [code for code, subject in read().subjects.items() if Role.TECNICO in subject.roles] == ["SIN_HISTORIAL"]


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("linea131", "Consejería en diversidad sexual", "Otro motivo"),
        ("ciudadana", "Asesoría jurídica", "Otro motivo"),
        ("issemym", "Trámite del Instituto", "Otro motivo"),
        ("uariv", "Estado de un trámite", "Otro motivo"),
        ("una línea nueva", "Información", "Otro motivo"),
    ],
)
def test_each_line_has_kinds_of_its_own(line, first, last):
    *kinds, silence = subjects_for(line)
    assert (kinds[0].name, kinds[-1].name) == (first, last)
    assert silence.is_silent
    assert not {kind.code for kind in kinds} & {kind.code for kind in subjects_for("dgs")}
    assert callers_for(line)


@pytest.mark.parametrize("subject", ["FECHA_NACIMIENTO", "SIN_HISTORIAL"])
def test_one_a_document_and_day_is_enough(subject, leave, tx, vault, clock):
    first = leave(subject)
    clock.advance(timedelta(hours=13, minutes=59))  # 23:59 in El Salvador, tomorrow in UTC
    assert leave(subject) == first
    assert leave(subject, document=LUIS) != first
    clock.advance(timedelta(minutes=1))
    assert leave(subject) != first
    assert len(pending_cases(tx, vault)) == 3


def test_the_two_are_counted_apart(leave):
    assert leave("FECHA_NACIMIENTO") != leave("SIN_HISTORIAL")


def test_closed_or_not_the_day_has_its_one(leave, tx, vault, clock):
    first = leave("FECHA_NACIMIENTO")
    close_case(tx, vault, clock.now(), first, "coordinadora", "Se corrigió")
    assert leave("FECHA_NACIMIENTO") == first


def test_on_the_day_on_which_one_became_enough_those_of_before_stay(leave, tx, monkeypatch):
    before = {leave("PIN_INVALIDO"), leave("PIN_INVALIDO")}
    once = replace(subject_of("PIN_INVALIDO"), once_a_day=True)
    monkeypatch.setattr("cases.consultations.consultations.subject_of", lambda _: once)
    first = leave("PIN_INVALIDO")
    assert first not in before
    assert leave("PIN_INVALIDO") == first


def test_one_that_a_version_before_left_is_the_day_s(leave, tx):
    first = leave("SIN_HISTORIAL")
    tx.execute(update(case_).values(once=None))
    assert leave("SIN_HISTORIAL") == first


@pytest.mark.parametrize("subject", ["NO_ACTIVO", "NO_GENERADO", "PIN_INVALIDO"])
def test_the_others_are_left_each_time(subject, leave):
    assert leave(subject) != leave(subject)


def test_calls_at_the_same_moment_leave_one(db, vault, clock):
    start = threading.Barrier(4)
    left: list[int] = []

    def one_call() -> None:
        start.wait()
        with db.begin() as tx:
            left.append(open_case(tx, vault, clock.now(), "SIN_HISTORIAL", ANA, None, "dgs", "CA1"))

    calls = [threading.Thread(target=one_call) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(left) == 4 and len(set(left)) == 1
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(case_)).scalar_one() == 1
        assert len(audit.history(tx, "case", left[0])) == 1


def test_a_tray_shows_the_most_urgent_first_and_masked(leave, tx, vault, clock):
    leave("NO_ACTIVO", document=LUIS)
    clock.advance(timedelta(hours=1))
    leave("SIN_HISTORIAL")
    first, second = pending_cases(tx, vault)
    assert (first.subject.code, second.subject.code) == ("NO_ACTIVO", "SIN_HISTORIAL")
    assert (second.document, second.phone) == ("00•••••-•", "+503 ••••-••35")
    assert second.due_at - second.opened_at == timedelta(hours=24)
    assert second.detail == subject_of("SIN_HISTORIAL").first_detail


def test_each_role_has_its_tray(leave, tx, vault):
    leave("NO_ACTIVO")
    leave("SIN_HISTORIAL")
    trays = {role: len(pending_cases(tx, vault, roles=[role])) for role in Role}
    assert {role: count for role, count in trays.items() if count} == {Role.COORDINADOR: 2, Role.TECNICO: 1}


def test_a_case_without_document_or_telephone(tx, vault, clock):
    for _ in range(2):
        open_case(tx, vault, clock.now(), "SIN_HISTORIAL", None, None, "dgs", None, "Llamada sin identificar")
    assert [(case.document, case.phone) for case in pending_cases(tx, vault)] == [(None, None)] * 2


def test_closing_says_what_was_done_once(leave, tx, vault, clock):
    case_id = leave()
    assert close_case(tx, vault, clock.now(), case_id, "coordinadora", "Se activó en el sistema")
    assert not close_case(tx, vault, clock.now(), case_id, "otra", "De nuevo")
    assert pending_cases(tx, vault) == []
    row = tx.execute(select(case_)).one()
    assert (row.state, row.closed_by, row.closed_at) == ("CERRADO", "coordinadora", clock.now())
    assert vault.open(row.resolution_sealed) == "Se activó en el sistema"
    assert [line["action"] for line in audit.history(tx, "case", case_id)] == ["case.closed", "case.opened"]


def test_revealing_is_recorded(leave, tx, vault, clock):
    case_id = leave()
    shown = reveal_case(tx, vault, clock.now(), case_id, "coordinadora")
    assert (shown.document, shown.phone) == (ANA, PHONE)
    assert ANA not in repr(shown)
    newest, *_ = audit.history(tx, "case", case_id)
    assert (newest["action"], newest["actor"]) == ("case.revealed", "coordinadora")


def test_mistakes_are_told(leave, tx, vault, clock):
    with pytest.raises(UnknownSubject):
        leave("C13")
    with pytest.raises(TextMissing, match="detalle"):
        leave("C08", detail=" ")
    with pytest.raises(NoSuchCase, match="número"):
        close_case(tx, vault, clock.now(), 999, "a", "hecho")
    with pytest.raises(NoSuchCase):
        reveal_case(tx, vault, clock.now(), 999, "a")
    case_id = leave("C08", detail="Preguntó por el cobro de noviembre")
    with pytest.raises(TextMissing):
        close_case(tx, vault, clock.now(), case_id, "a", "")


def test_nothing_personal_is_stored_as_it_is(leave, tx):
    leave("C11", detail="Dice llamarse Rosa Elvira")
    stored = str(tx.execute(select(case_)).all() + tx.execute(select(audit.audit)).all())
    assert not any(part in stored for part in (ANA, "72461935", "Rosa"))


class TestTheSecondStoppedCallOfADay:
    """R38. It fell into the day's case without a word, also where somebody had closed that."""

    @pytest.fixture
    def call(self, tx, vault, clock):
        def call(sid: str, document: str = ANA) -> int:
            return open_case(tx, vault, clock.now(), "FECHA_NACIMIENTO", document, PHONE, "dgs", sid)

        return call

    @staticmethod
    def kinds(tx, vault, case_id: int) -> list[EventKind]:
        return [each.kind for each in events_of(tx, vault, case_id)]

    def test_the_closed_case_says_so_and_waits_again(self, tx, vault, clock, call):
        first = call("CA1")
        close_case(tx, vault, clock.now(), first, LUISA, "Se le explicó")
        clock.advance(timedelta(hours=2))
        assert call("CA2") == first
        assert self.kinds(tx, vault, first)[-2:] == [EventKind.REPEATED, EventKind.REOPENED]
        (waiting,) = pending_cases(tx, vault)
        assert (waiting.id, waiting.due_at) == (first, clock.now() + timedelta(hours=24))

    def test_one_that_waits_says_so_and_keeps_its_hour(self, tx, vault, clock, call):
        first, due = call("CA1"), clock.now() + timedelta(hours=24)
        clock.advance(timedelta(hours=2))
        call("CA2")
        assert self.kinds(tx, vault, first) == [EventKind.OPENED, EventKind.REPEATED]
        assert pending_cases(tx, vault)[0].due_at == due

    def test_who_is_stopped_twice_in_one_call_called_once(self, tx, vault, call):
        first = call("CA1")
        assert (call("CA1"), self.kinds(tx, vault, first)) == (first, [EventKind.OPENED])

    def test_of_somebody_else_it_is_a_case_of_its_own(self, call):
        assert call("CA1") != call("CA2", LUIS)


def test_the_tray_goes_on_after_its_page(tx, vault, clock):
    for _ in range(2):
        for _ in range(2):
            open_case(tx, vault, clock.now(), "NO_ACTIVO", ANA, PHONE, "dgs", None)
        clock.advance(timedelta(minutes=1))
    found, after = [], None
    while page := pending_cases(tx, vault, after=after, limit=3):
        found += [each.id for each in page]
        after = (page[-1].due_at, page[-1].id)
    assert found == [1, 2, 3, 4], "also of those that fall due at one moment"
