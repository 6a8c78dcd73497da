"""A padrón comes in, and comes in again."""

import pytest
from sqlalchemy import Connection, func, select

from beneficiaries.imports import Rejection
from beneficiaries.local import LocalRegistry
from beneficiaries.registry import PinReason, Standing
from beneficiaries.tables import beneficiary
from core import audit
from core.documents import dui_check_digit
from core.spreadsheets import Unreadable
from tests.beneficiaries.builders import ANA, ANA_ROW, LUIS_ROW, bring, is_pin_in_force


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
    assert line["facts"] == {"inserted": 1, "updated": 0, "rejected": 0}


def test_thousands_come_in_at_once(db, vault):
    stems = [f"{number:08}" for number in range(1, 2001)]
    rows = [f"{stem}{dui_check_digit(stem)};Persona {stem};01/02/1980;ACTIVO;7246-1935" for stem in stems]
    with db.begin() as tx:
        assert bring(tx, vault, *rows).inserted == 2000
        assert bring(tx, vault, *rows).updated == 2000
