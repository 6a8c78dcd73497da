"""Beside years of entries no question reads a whole register (tests/plans.py)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from cases.keeping.retention import Term, purge_some
from cases.registers import authority, entries, listing, resources
from cases.registers.authority import AuthorityState
from cases.registers.books import Register
from cases.registers.entries import BOOKS
from cases.registers.listing import Wanted
from core.database import Database
from core.privacy import Vault
from tests.plans import explained

YEARS = 40_000  # entries, of all registers together
_FILL = """
insert into register_entry (register, line, kind, person, at, written_at, written_by, plain, words, told_sealed)
select (array['DIARIA', 'CAMPO', 'EVENTOS', 'GESTIONES'])[1 + n % 4],
    (array['dgs', 'linea131', 'ciudadana'])[1 + n % 3],
    (array['LLAMADA', 'VISITA', 'TALLER', 'OFICIO', 'OTRA'])[1 + n % 5], 'p' || n % 50 || '@ejemplo.gob.sv',
    :now - n * interval '20 min', :now, 'x', '{}', ('of' || n || ' fiscalia')::tsvector, :sealed
from generate_series(1, :years) n
"""
_STAND = """
insert into register_standing (entry_id, at, state)
select id, at, case when id % 1000 = 3 then 'EN_TRAMITE' else 'CERRADA' end from register_entry
where register = 'GESTIONES'
"""
_STEPS = """
insert into register_step (entry_id, at, actor, state)
select entry_id, at, 'x', state from register_standing, generate_series(1, 2)
"""


@pytest.fixture
def years(db: Database, vault: Vault, clock) -> Database:
    with db.begin() as tx:
        told = {"now": clock.now(), "years": YEARS, "sealed": vault.seal('{"what": "nada"}')}
        tx.execute(text(_FILL), told)
        tx.execute(text(_STAND))
        tx.execute(text(_STEPS))
    with db.at_once() as tx:
        tx.execute(text("vacuum analyze"))
    return db


@pytest.mark.timeout(300)
def test_nothing_that_is_looked_for_reads_a_whole_register(years: Database, vault: Vault, clock) -> None:
    now, daily, steps = clock.now(), BOOKS[Register.DIARIA], BOOKS[Register.GESTIONES]
    month = {"since": now - timedelta(days=30), "until": now}
    asked = [
        Wanted(daily),
        Wanted(daily, **month),
        Wanted(daily, line="linea131"),
        Wanted(daily, person="p4@ejemplo.gob.sv", **month),
        Wanted(daily, kind="LLAMADA"),
        Wanted(daily, case_id=7),
        Wanted(daily, text="relevo", **month),
        Wanted(steps, text="of123"),
        Wanted(steps, state=AuthorityState.EN_TRAMITE),
        Wanted(steps, state=AuthorityState.POR_ENTREGAR),
    ]
    with explained(years) as plans, years.begin() as tx:
        found = [listing.page(tx, vault, each, {"dgs"}) for each in asked]
        (last,) = found[0][-1:]
        listing.page(tx, vault, Wanted(daily), after=(last.at, last.id))
        next(listing.every(tx, vault, Wanted(steps)))
        authority.steps_of(tx, vault, [each.id for each in found[8]])
        entries.chain_of(tx, vault, entries.one(tx, vault, daily, last.id))
        resources.of_line(tx, "linea131")

    assert plans.large >= {"register_entry", "register_standing", "register_step"}
    assert plans.read_whole == []
    assert [len(each) for each in found[:5]] == [50, 50, 50, 15, 50]
    with explained(years) as plans, years.begin() as tx:
        tx.execute(text("select count(*) from register_entry where written_by = :who"), {"who": "y"})
    assert {table for table, _ in plans.read_whole} == {"register_entry"}, "what reads one whole is found"


@pytest.mark.timeout(300)
def test_nor_does_what_erases_at_night(years: Database, vault: Vault, clock) -> None:
    with explained(years) as plans, years.begin() as tx:
        for _ in range(2):
            assert purge_some(tx, vault, clock.now(), "dgs", Term(registers=timedelta(days=60)))
    assert (plans.read_whole, plans.walked) == ([], [])
