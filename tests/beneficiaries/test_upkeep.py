"""Telephones of before can be searched, and acts that nobody repeats any more are forgotten."""

from datetime import timedelta

from sqlalchemy import func, select, update

from beneficiaries import upkeep
from beneficiaries.local import LocalRegistry
from beneficiaries.registry import Standing
from beneficiaries.tables import beneficiary, padron_act
from tests.beneficiaries.builders import ANA, ANA_ROW, LUIS, LUIS_ROW, bring

PHONE = "+50372461935"


def found(db, vault, clock) -> list[str]:
    with db.begin() as tx:
        return sorted(each.document for each in LocalRegistry(vault, clock).search(tx, phone=PHONE))


def test_a_telephone_of_before_is_found_once_it_has_its_print(db, vault, clock, monkeypatch):
    monkeypatch.setattr(upkeep, "AT_ONCE", 1)
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW, LUIS_ROW + "7246-1935")
        tx.execute(update(beneficiary).values(phone_print=None))
    assert found(db, vault, clock) == []
    assert upkeep.tend(db, vault, clock) == 2
    assert found(db, vault, clock) == [ANA, LUIS]
    assert upkeep.tend(db, vault, clock) == 0


def test_one_that_cannot_be_opened_keeps_nobody_waiting(db, vault, clock):
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        tx.execute(update(beneficiary).values(phone_print=None, phone_sealed=b"of another key"))
    assert upkeep.tend(db, vault, clock) == 1
    assert upkeep.tend(db, vault, clock) == 0


def test_a_telephone_that_a_version_without_prints_changed_is_not_the_one_before(db, vault, clock):
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        tx.execute(update(beneficiary).values(phone_sealed=vault.seal("+50370000001")))
    assert found(db, vault, clock) == []


def test_acts_are_kept_for_as_long_as_they_may_be_repeated(db, vault, clock):
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)
        LocalRegistry(vault, clock).set_standing(tx, ANA, Standing.NO_ACTIVO, "task:1")
    clock.advance(upkeep.REPEATED_FOR - timedelta(seconds=1))
    assert upkeep.tend(db, vault, clock) == 0
    clock.advance(timedelta(seconds=1))
    assert upkeep.tend(db, vault, clock) == 1
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(padron_act)).scalar_one() == 0
