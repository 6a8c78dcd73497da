"""A padrón comes in, and comes in again."""

from datetime import date

import pytest
from sqlalchemy import Connection, func, select

from beneficiaries.imports import Rejection
from beneficiaries.local import LocalRegistry
from beneficiaries.registry import Beneficiary, PinReason, Redemption, Standing
from beneficiaries.tables import beneficiary
from core import audit
from core.clock import Clock
from core.documents import dui_check_digit
from core.privacy import Vault
from core.spreadsheets import Unreadable
from tests.beneficiaries.builders import (
    ANA,
    ANA_ROW,
    ANA_WHOLE,
    ANAS_BILL,
    HEADING,
    LUIS,
    LUIS_ROW,
    WHOLE_HEADING,
    bring,
    is_pin_in_force,
)


def count(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(beneficiary)).scalar_one()


def test_a_first_import_inserts_and_a_second_updates(db, vault, clock):
    with db.begin() as tx:
        first = bring(tx, vault, ANA_ROW, LUIS_ROW)
        second = bring(tx, vault, ANA_ROW.replace("ACTIVO", "NO_GENERADO").replace("12/03", "13/03"))
        person = LocalRegistry(vault, clock).find(tx, ANA)
        assert person is not None
        people = count(tx)
    assert (first.inserted, first.updated, first.rejected) == (2, 0, [])
    assert (second.inserted, second.updated, second.rejected) == (0, 1, [])
    assert people == 2
    assert (person.standing, person.birth_date.day) == (Standing.NO_GENERADO, 13)


def test_a_second_import_never_touches_a_pin(db, vault, clock):
    registry = LocalRegistry(vault, clock)
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        registry.set_pin(tx, ANA, "4819", PinReason.ACTIVACION, "call:CA1")
        bring(tx, vault, ANA_ROW.replace("Ana", "Anna"), LUIS_ROW)
        person = registry.find(tx, ANA)
        assert person and person.has_pin and person.name == "Anna María Rivas"
        assert is_pin_in_force(tx, vault, ANA, "4819")


def test_bad_rows_stay_out_and_change_nobody(db, vault, clock):
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        report = bring(tx, vault, ANA_ROW.replace("ACTIVO", "NADA"), LUIS_ROW, "1;;;;")
        person = LocalRegistry(vault, clock).find(tx, ANA)
        assert person and person.standing is Standing.ACTIVO
    assert (report.inserted, report.updated) == (1, 0)
    assert [rejection.row for rejection in report.rejected] == [2, 4]
    assert isinstance(report.rejected[0], Rejection) and "estado" in report.rejected[0].sentence


def test_a_file_cut_short_leaves_nothing(db, vault):
    with pytest.raises(Unreadable, match="cortado"), db.begin() as tx:
        bring(tx, vault, ANA_ROW, '"04567890-3;Luis')
    with db.begin() as tx:
        assert count(tx) == 0
        assert bring(tx, vault, ANA_ROW).inserted == 1


def test_nothing_personal_is_stored_as_it_is(db, vault):
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        row = tx.execute(select(beneficiary)).one()
        [line] = tx.execute(select(audit.audit)).mappings()
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert not any(part in stored for part in (b"000162975", b"Rivas", b"1985", b"72461935"))
    assert line["action"] == "beneficiaries.imported"
    assert line["facts"] == {"inserted": 1, "updated": 0, "rejected": 0, "unlinked": 0}


def test_thousands_come_in_at_once(db, vault):
    stems = [f"{number:08}" for number in range(1, 2001)]
    rows = [f"{stem}{dui_check_digit(stem)};Persona {stem};01/02/1980;ACTIVO;7246-1935" for stem in stems]
    with db.begin() as tx:
        assert bring(tx, vault, *rows).inserted == 2000
        assert bring(tx, vault, *rows).updated == 2000


class TestWhatThePadronSaysOfTheSubsidy:
    def who(self, tx: Connection, vault: Vault, clock: Clock) -> Beneficiary:
        person = LocalRegistry(vault, clock).find(tx, ANA)
        assert person is not None
        return person

    def test_comes_in_with_columns_of_its_own(self, db, vault, clock):
        with db.begin() as tx:
            bring(tx, vault, ANA_WHOLE, heading=WHOLE_HEADING)
            person = self.who(tx, vault, clock)
            stored = str(tx.execute(select(beneficiary)).one())
        assert (person.bill, person.redemption) == (ANAS_BILL, Redemption(date(2026, 11, 1), "Tienda La Ceiba"))
        assert not any(part in stored for part in (ANAS_BILL, "Ceiba", "2026-11 "))

    def test_stays_where_a_file_has_no_such_columns(self, db, vault, clock):
        with db.begin() as tx:
            bring(tx, vault, ANA_WHOLE, heading=WHOLE_HEADING)
            bring(tx, vault, ANA_ROW)
            person = self.who(tx, vault, clock)
        assert person.bill == ANAS_BILL and person.redemption is not None

    def test_goes_where_a_file_has_them_and_they_are_empty(self, db, vault, clock):
        with db.begin() as tx:
            bring(tx, vault, ANA_WHOLE, heading=WHOLE_HEADING)
            bring(tx, vault, f"{ANA_ROW};", heading=f"{HEADING};recibo")
            person = self.who(tx, vault, clock)
            assert person.bill is None and person.redemption is not None
            bring(tx, vault, f"{ANA_ROW};", heading=f"{HEADING};ultimo_cobro")
            assert self.who(tx, vault, clock).redemption is None

    def test_two_people_exchange_their_bills(self, db, vault, clock):
        heading = f"{HEADING};recibo"
        with db.begin() as tx:
            bring(tx, vault, f"{ANA_ROW};NIC0001", f"{LUIS_ROW};NIC0002", heading=heading)
            report = bring(tx, vault, f"{ANA_ROW};NIC0002", f"{LUIS_ROW};NIC0001", heading=heading)
            registry = LocalRegistry(vault, clock)
            assert (registry.linked_to(tx, "NIC0001"), registry.linked_to(tx, "NIC0002")) == (LUIS, ANA)
        assert (report.updated, report.unlinked) == (2, 0)

    def test_a_bill_is_taken_from_whoever_the_file_does_not_name(self, db, vault, clock):
        with db.begin() as tx:
            bring(tx, vault, ANA_WHOLE, heading=WHOLE_HEADING)
            report = bring(tx, vault, f"{LUIS_ROW};{ANAS_BILL};;", heading=WHOLE_HEADING)
            assert LocalRegistry(vault, clock).linked_to(tx, ANAS_BILL) == LUIS
            assert self.who(tx, vault, clock).bill is None
        assert report.unlinked == 1
