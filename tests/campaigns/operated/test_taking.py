"""Whose a contact is: one operator's, in legal hours, of those that they may know."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, text

from campaigns import readers
from campaigns.operated import placing, taking
from campaigns.operated.taking import CannotCall, NotYours, Operator
from campaigns.outcomes import Outcome as O
from campaigns.tables import exclusion, operated_contact
from core import audit
from demo.invent import citizen
from dialer.jumping import next_moment
from dialer.queries import running_campaigns
from tests.campaigns.builders import attempts_of, moment, people_of
from tests.campaigns.operated.scene import LUZ, ROSA
from tests.saying import tables_saying


def test_two_operators_are_given_different_people(scene):
    scene.campaign()
    first, second = scene.asks(ROSA), scene.asks(LUZ)
    assert first and second and first.attempt_id != second.attempt_id
    again = scene.asks(ROSA)
    assert again and again.attempt_id == first.attempt_id  # asking twice gives the same one


def test_many_who_ask_at_once_never_share_one(scene):
    scene.campaign(people=4)
    crowd = [Operator(100 + n, f"{n}@example.org") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = [each.attempt_id for each in pool.map(scene.asks, crowd) if each]
    assert len(given) == len(set(given)) == 4


def test_the_card_masks_the_person_and_never_has_an_answer(scene):
    scene.campaign(1)
    card, each = scene.asks(ROSA), citizen(0)
    assert card.name == f"{each.name} {each.surname}"
    assert card.document == "10•••••-•"
    assert [phone[-2:] for phone in card.phones] == [phone[-2:] for phone in each.phones]
    assert each.name in card.script["mensaje"]
    assert card.outcomes == ()
    told = repr(card) + str(card.questions) + str(card.phones)
    assert each.ddmm not in told and each.last4 not in told and each.name not in repr(card)


def test_the_most_urgent_campaign_comes_first_unless_one_is_chosen(scene):
    later, urgent = scene.campaign(1, prioridad="5"), scene.campaign(1, prioridad="1", nombre_campana="Otra")
    assert scene.asks(ROSA).campaign_id == urgent
    assert scene.asks(LUZ, later).campaign_id == later


def test_the_dialer_never_sees_it(scene, db):
    campaign_id = scene.campaign()
    with db.begin() as tx:
        assert running_campaigns(tx) == []
    assert {row.trunk for row in attempts_of(db, campaign_id)} == {"puesto"}


@pytest.mark.parametrize("when", ["2026-11-24 07:59", "2026-11-23 18:00", "2026-11-28 10:00", "2026-12-25 10:00"])
def test_outside_legal_hours_nobody_is_given_anyone(scene, when):
    scene.campaign()
    scene.clock.jump_to(moment(when))
    assert scene.asks(ROSA) is None


def test_a_contact_that_was_left_comes_back_after_its_time(scene):
    scene.campaign(1)
    lost = scene.asks(ROSA)
    assert scene.asks(LUZ) is None
    scene.clock.advance(timedelta(minutes=14, seconds=59))
    assert scene.asks(LUZ) is None
    scene.clock.advance(timedelta(seconds=1))
    assert scene.asks(LUZ).attempt_id == lost.attempt_id
    with pytest.raises(NotYours):
        scene.says(ROSA, O.REFUSES)


def test_a_contact_whose_operator_calls_at_the_last_moment_stays_theirs_and_nobody_waits_for_it(scene, db, vault):
    scene.campaign(1)
    contact = scene.asks(ROSA)
    scene.clock.advance(timedelta(minutes=15))
    with db.begin() as calling:
        placing.to_call(calling, vault, scene.clock.now(), ROSA.account_id, contact.attempt_id)
        with db.begin() as tx:
            tx.execute(text("set local lock_timeout = '2s'"))
            assert taking.give_back_expired(tx, scene.clock.now()) == 0
        placing.dialled(calling, scene.clock.now(), contact.attempt_id, 70)
    assert scene.asks(LUZ) is None
    assert scene.card(ROSA).room_id == 70


def test_what_was_put_back_is_for_somebody_else(scene, db, vault):
    scene.campaign(1)
    given = scene.asks(ROSA)
    with db.begin() as tx, pytest.raises(CannotCall):
        taking.put_back(tx, vault, scene.clock.now(), ROSA, " ")
    with db.begin() as tx:
        taking.put_back(tx, vault, scene.clock.now(), ROSA, " es pariente mía ")
    with db.begin() as tx:  # what people write stays out of the trail, which nobody can erase
        (line,) = audit.history(tx, "attempt", given.attempt_id)
        (sealed,) = tx.execute(select(operated_contact.c.reason_sealed)).scalars()
        assert tables_saying(tx, "pariente") == []
    assert (line["action"], line["reason"], line["facts"]) == ("contact.put_back", None, {"has_reason": True})
    assert vault.open(sealed) == "es pariente mía"
    assert scene.asks(ROSA) is None
    assert scene.asks(LUZ).attempt_id == given.attempt_id


def test_whoever_is_excluded_is_not_given(scene, db, vault):
    campaign_id = scene.campaign(2)
    first, second = people_of(db, campaign_id)
    with db.begin() as tx:
        out = {"kind": "person", "print": first.person_print, "since": scene.clock.now(), "cause": "prueba"}
        tx.execute(insert(exclusion).values(**out))
    assert scene.asks(ROSA).row == second.row
    assert people_of(db, campaign_id)[0].outcome == O.EXCLUDED


def test_of_two_telephones_the_excluded_one_is_passed_over(scene, db, vault):
    campaign_id = scene.campaign(1)
    with db.begin() as tx:
        out = {"kind": "phone", "print": vault.fingerprint("phone", citizen(0).phones[0])}
        tx.execute(insert(exclusion).values(**out, campaign_id=campaign_id, since=scene.clock.now(), cause="prueba"))
    card = scene.asks(ROSA)
    assert (card.phone, card.spent) == (1, 1)


def test_of_unusual_transactions_only_a_named_operator_is_given_any(scene, db):
    campaign_id = scene.campaign(1, tipo_campana="TRANSACCIONES_INUSUALES")
    assert scene.asks(ROSA) is None
    with db.begin() as tx:
        assert taking.waiting(tx, scene.clock.now(), ROSA) == []
        readers.name_reader(tx, scene.clock.now(), campaign_id, "ana", ROSA.email)
    assert scene.asks(LUZ) is None
    assert scene.asks(ROSA) is not None


def test_of_a_line_for_other_roles_nobody_is_given_any(scene, db):
    """R75, R81."""
    campaign_id = scene.campaign(1)
    outsider = replace(ROSA, hidden_lines=frozenset({"dgs"}))
    assert scene.asks(outsider) is None
    assert scene.asks(outsider, campaign_id) is None
    with db.begin() as tx:
        assert taking.open_campaigns(tx, scene.clock.now(), outsider) == []
        assert taking.waiting(tx, scene.clock.now(), outsider) == []
    assert scene.asks(replace(ROSA, hidden_lines=frozenset({"issemym"}))) is not None


def test_whose_role_changes_loses_the_contact_to_somebody_else_unless_they_called_it(scene):
    scene.campaign(1)
    outsider = replace(ROSA, hidden_lines=frozenset({"dgs"}))
    given = scene.asks(ROSA)
    assert scene.asks(outsider) is None
    assert scene.asks(LUZ).attempt_id == given.attempt_id
    scene.calls(LUZ)
    assert scene.asks(replace(LUZ, hidden_lines=frozenset({"dgs"}))).room_id == 70  # its call is theirs to end


def test_a_rehearsal_goes_on_to_the_operators_next_contact_but_not_over_a_card(scene, db):
    campaign_id = scene.campaign(1)
    with db.begin() as tx:
        assert next_moment(tx, scene.clock.now()) is None  # due already: the clock goes nowhere for it
        assert not taking.any_in_hand(tx)
    scene.asks(ROSA)
    with db.begin() as tx:
        assert taking.any_in_hand(tx)
    scene.calls(ROSA)
    scene.hangs_up(ROSA, "no-answer")
    scene.says(ROSA, O.NO_ANSWER)
    with db.begin() as tx:
        assert not taking.any_in_hand(tx)
        assert next_moment(tx, scene.clock.now()) == attempts_of(db, campaign_id)[1].due_at


def rows_read(tx: Connection) -> int:
    """Of the attempts, in this transaction: those of the table, and the entries of its indexes."""
    read = "select sum(pg_stat_get_xact_tuples_returned(c.oid)) from pg_class c"
    own = (
        "c.oid = 'attempt'::regclass or c.oid in (select indexrelid from pg_index where indrelid = 'attempt'::regclass)"
    )
    return tx.execute(text(f"{read} where {own}")).scalar_one()


def test_of_a_long_list_only_so_many_are_counted_as_are_told(scene, db):
    campaign_id = scene.campaign(1)
    many = """
        insert into attempt (campaign_id, recipient_id, phone, due_at, trunk)
        select a.campaign_id, a.recipient_id, a.phone, a.due_at, a.trunk from attempt a, generate_series(1, 20000)
    """
    with db.begin() as tx:
        tx.execute(text(many))
    with db.begin() as tx:
        tx.execute(text("analyze attempt"))
    for _ in range(12):  # the server then keeps a plan for whatever it is asked
        with db.begin() as tx:
            before = rows_read(tx)
            ((row, count),) = taking.waiting(tx, scene.clock.now(), ROSA)
            assert (row.id, count) == (campaign_id, taking.MOST_COUNTED)
            assert rows_read(tx) - before < 1000


def test_of_a_short_list_everybody_who_waits_is_counted(scene, db):
    campaign_id = scene.campaign(3)
    scene.asks(LUZ)
    with db.begin() as tx:
        assert [(row.id, count) for row, count in taking.waiting(tx, scene.clock.now(), ROSA)] == [(campaign_id, 2)]
