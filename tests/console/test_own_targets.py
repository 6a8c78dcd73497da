"""A target of one operator's own (R14): who gives it, from when, and where it is seen."""

import pytest
from sqlalchemy import select

from core.audit import audit as audit_table
from core.roles import Role
from desk import own_targets
from desk.states import Presence
from tests.console.desk_builders import Centre, Somebody


@pytest.fixture
def boss(centre: Centre) -> Somebody:
    return centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)


def test_a_supervisor_gives_it_and_takes_it_back_and_both_are_audited(centre, boss, db):
    ana = centre.arrives(Role.OPERADOR, "ana")
    where = f"/supervision/persona/{ana.account_id}"
    page = boss.browser.post(f"{where}/meta", data={"meta": "7"}, follow_redirects=True).text
    assert "Meta de ana: 7" in page and 'value="7"' in page
    with db.begin() as tx:
        assert own_targets.own_target(tx, ana.account_id) == 7
    page = boss.browser.post(f"{where}/meta", data={"meta": ""}, follow_redirects=True).text
    assert "Meta de ana: la de sus líneas" in page
    boss.browser.post(f"{where}/meta", data={"meta": ""})
    with db.begin() as tx:
        assert own_targets.own_target(tx, ana.account_id) is None
        facts = select(audit_table.c.facts).where(audit_table.c.action == "operator.target").order_by(audit_table.c.id)
        assert tx.execute(facts).scalars().all() == [{"target": 7}, {"target": None}]


@pytest.mark.parametrize("written", ["-1", "1000", "siete", "٧", "7.5"])
def test_what_is_no_number_of_conversations_changes_nothing(centre, boss, db, written):
    ana = centre.arrives(Role.OPERADOR, "ana")
    told = boss.browser.post(
        f"/supervision/persona/{ana.account_id}/meta", data={"meta": written}, follow_redirects=True
    ).text
    assert "La meta es un número de 0 a 999" in told
    with db.begin() as tx:
        assert own_targets.own_target(tx, ana.account_id) is None


def test_nobody_gives_themselves_one_and_the_direction_only_reads_it(centre, boss):
    ana = centre.arrives(Role.OPERADOR, "ana")
    director = centre.arrives(Role.DIRECTOR, "dir", state=Presence.FUERA)
    where = f"/supervision/persona/{ana.account_id}"
    boss.browser.post(f"{where}/meta", data={"meta": "7"})
    assert ana.browser.post(f"{where}/meta", data={"meta": "1"}).status_code == 403
    assert director.browser.post(f"{where}/meta", data={"meta": "1"}).status_code == 403
    page = director.sees(where)
    assert "Meta del día" in page and "<p>7</p>" in page and 'name="meta"' not in page


def test_it_is_what_the_desk_asks_of_them(centre, boss):
    """Theirs, though their lines ask for another; of the colleague beside them nothing changes."""
    ana, luz = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.OPERADOR, "luz")
    before = luz.sees("/puesto")
    boss.browser.post(f"/supervision/persona/{ana.account_id}/meta", data={"meta": "123"})
    assert "123" in ana.sees("/puesto")
    assert "123" not in before and "123" not in luz.sees("/puesto")
