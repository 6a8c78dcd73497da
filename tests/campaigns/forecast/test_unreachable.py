"""Who is known to be out of reach before anybody is called or written to: those whom the rules will turn away."""

from dataclasses import replace

import pytest

from campaigns.forecast.excused import LISTED, UNREACHABLE, excused, excused_people, left_out
from campaigns.forecast.text_costs import text_costs
from campaigns.forecast.unreachable import unreachable
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Never, OtherPhone
from campaigns.rules.exclusions import Kind, Scope, add, add_wrong_number, listed, remove
from campaigns.rules.facts import decision_of
from core.documents import normal_form
from core.privacy import Vault
from demo.invent import citizen
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    campaign_row,
    end,
    people_of,
    put_on_the_line,
    running,
    scheduled,
    submitted,
)
from tests.dialer.test_text_rounds import ONLY


@pytest.fixture
def exclude(db, vault, clock):
    def add_it(kind: Kind, value: str, scope: Scope) -> None:
        with db.begin() as tx:
            add(tx, vault, clock.now(), COORDINATOR, kind, value, scope, "lo pidió")

    return add_it


@pytest.fixture
def lost(db, vault):
    """The rows of whoever is out of reach."""

    def found(number: int) -> list[int]:
        with db.begin() as tx:
            ids = unreachable(tx, vault, campaign_row(tx, number))
        return [each.row for each in people_of(db, number) if each.id in ids]

    return found


def said_wrong(db, vault, clock, person: int) -> None:
    """In a call of another campaign it was said that this is not their telephone."""
    [attempt] = attempts_of(db, running(db, vault, clock, 1, person))
    put_on_the_line(db, attempt.id, f"CA{person}", clock.now())
    end(db, vault, clock.now(), attempt.id, "completed", progress="wrong_number", answered_by="human", duration_s=20)
    to = citizen(person).phones[0]
    prints = (vault.fingerprint("phone", to), vault.fingerprint("document", normal_form(citizen(person).document)))
    with db.begin() as tx:
        add_wrong_number(tx, clock.now(), "ivr", *prints, vault.seal(to), "tecla 3")


@pytest.fixture
def spoiled(db, vault, clock, exclude):
    """Of people 0 to 9 (0, 3, 6 and 9 have a second telephone): 1 is excluded as a person, 2 and 3 on their first
    telephone, 6 on both, 4 on theirs by another line, and 5 has a wrong number."""
    exclude(Kind.PERSON, normal_form(citizen(1).document), Scope())
    for person, phone, scope in (
        *((2, 0, Scope()), (3, 0, Scope(line="dgs"))),
        *((6, 0, Scope()), (6, 1, Scope()), (4, 0, Scope(line="otra"))),
    ):
        exclude(Kind.PHONE, citizen(person).phones[phone], scope)
    said_wrong(db, vault, clock, 5)


@pytest.mark.parametrize("fields", [{}, ONLY])
def test_they_are_those_whom_the_rules_will_turn_away(db, vault, clock, spoiled, lost, fields):
    """Asked of each person and each of their telephones, as the dialer does."""
    number = scheduled(db, vault, clock, 10, **fields)
    first = people_of(db, number)[0].row
    assert lost(number) == [first + n for n in (2, 5, 6)]
    turned_away = []
    for each in attempts_of(db, number):
        with db.begin() as tx:
            candidate = candidate_for(tx, vault, each.id)
            _, decision = decision_of(tx, vault, clock.now(), candidate)
            if isinstance(decision, OtherPhone):
                moved = replace(candidate, phone=decision.phone, spent=decision.spent, to=second_of(db, each, number))
                _, decision = decision_of(tx, vault, clock.now(), moved)
            if isinstance(decision, Never):
                turned_away.append(each.recipient_id)
    by_id = {each.id: each.row for each in people_of(db, number)}
    assert sorted(by_id[each] for each in turned_away) == [first + n for n in (1, 2, 5, 6)]


def second_of(db, attempt, number: int) -> str:
    rows = [each.id for each in people_of(db, number)]
    return citizen(rows.index(attempt.recipient_id)).phones[1]


def test_the_review_counts_and_lists_them_and_pays_for_none(db, vault, clock, spoiled):
    number = submitted(db, vault, clock, 10, **ONLY).id
    with db.begin() as tx:
        row = campaign_row(tx, number)
        ids = unreachable(tx, vault, row)
        reasons = {each.code: each.people for each in excused(tx, row, ids).reasons}
        page = excused_people(tx, row, UNREACHABLE, 0, 2, ids)
        rest = excused_people(tx, row, UNREACHABLE, page[-1].row, 2, ids)
        costs = text_costs(tx, vault, clock.now(), row, None, left_out(row, ids))
    assert reasons == {LISTED: 1, UNREACHABLE: 3}
    assert sorted(each.id for each in (*page, *rest)) == sorted(ids)
    assert costs is not None and costs.texts == 6


def test_who_is_no_longer_excluded_is_reached_again(db, vault, clock, exclude, lost):
    exclude(Kind.PHONE, citizen(1).phones[0], Scope())
    number = submitted(db, vault, clock, 2).id
    assert len(lost(number)) == 1
    with db.begin() as tx:
        [one] = listed(tx, vault)
        remove(tx, vault, clock.now(), COORDINATOR, one.id, "se equivocó")
    assert lost(number) == []


def test_of_a_long_list_it_is_told_of_whom_we_looked_for_there(db, vault, clock, exclude, lost, monkeypatch):
    monkeypatch.setattr("campaigns.forecast.unreachable.LOOKED_AT", 2)
    said_wrong(db, vault, clock, 1)
    exclude(Kind.PHONE, citizen(2).phones[0], Scope())  # on which nobody was called yet
    number = submitted(db, vault, clock, 4).id
    first = people_of(db, number)[0].row
    assert lost(number) == [first + 1]


def test_nobodys_row_is_opened_where_no_telephone_is_excluded(db, vault, clock, exclude):
    class Shut(Vault):
        def open(self, sealed: bytes) -> str:
            raise AssertionError("a row was opened")

    exclude(Kind.PERSON, normal_form(citizen(0).document), Scope())
    number = submitted(db, vault, clock, 3).id
    with db.begin() as tx:
        assert unreachable(tx, Shut("of no use"), campaign_row(tx, number)) == []
