"""A preflight on a real database: who is called, who is not and why, until when, beside whom, for how much."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update

from campaigns import conversation
from campaigns.approval import approve
from campaigns.forecast.crowds import MOST_HOURS, people_in
from campaigns.forecast.estimate import Pace
from campaigns.forecast.excused import LISTED, excused_people
from campaigns.forecast.foreseen import Foreseen, foreseen
from campaigns.forecast.preflight import Preflight, preflight
from campaigns.forecast.rates import DEFAULTS, ENOUGH, rates_of, seconds_of
from campaigns.life import NoSuchCampaign
from campaigns.outcomes import Outcome
from campaigns.rules.candidates import candidate_for
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.sample import sample_calls
from campaigns.states import AttemptState
from campaigns.submission import submit
from campaigns.tables import attempt, campaign, exclusion, recipient
from core import closed_days
from core.closed_days import DayKind
from core.documents import normal_form
from core.roles import Role
from core.tariffs import Tariff
from demo.invent import citizen, formato
from prompts.catalog import Catalog
from tests.campaigns.builders import (
    COORDINATOR,
    LINES,
    attempts_of,
    end,
    moment,
    put_on_the_line,
    running,
    set_campaign,
    submitted,
)

PACE = Pace(1.0, 20)
DOLLARS = Tariff("USD", Decimal("0.10"), 60)


@pytest.fixture
def told(db, clock):
    def tell(campaign_id: int, pace: Pace = PACE, tariff: Tariff | None = DOLLARS) -> Preflight:
        with db.begin() as tx:
            return preflight(tx, clock.now(), campaign_id, pace, seconds_of([]), tariff)

    return tell


@pytest.fixture
def exclude(db, vault, clock):
    def add_it(kind: Kind, value: str, scope: Scope) -> None:
        with db.begin() as tx:
            add(tx, vault, clock.now(), COORDINATOR, kind, value, scope, "lo pidió")

    return add_it


def uploaded(db, vault, clock, *lines: str, **fields: str) -> int:
    """Ten invented people with their rows changed: (what, by what) told as ``row|old|new``."""
    written = formato([citizen(n) for n in range(10)], **fields).decode().split("\r\n")
    first = next(n for n, line in enumerate(written) if line.startswith("id_registro")) + 1
    for line in lines:
        row, old, new = line.split("|")
        assert old in written[first + int(row)]
        written[first + int(row)] = written[first + int(row)].replace(old, new, 1)
    return submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", "\r\n".join(written).encode()).id


def test_people_are_those_who_are_called_and_those_who_are_not(db, vault, clock, told, exclude):
    bad = citizen(1).phones[0][4:]
    dui = citizen(2).document
    number = uploaded(db, vault, clock, f"1|+503{bad}|7123", f"2|{dui}|{dui[:-1]}{(int(dui[-1]) + 1) % 10}")
    exclude(Kind.PERSON, normal_form(citizen(3).document), Scope())
    exclude(Kind.PERSON, normal_form(citizen(4).document), Scope(line="dgs"))
    exclude(Kind.PERSON, normal_form(citizen(5).document), Scope(campaign_id=number))
    exclude(Kind.PERSON, normal_form(citizen(6).document), Scope(line="otra"))
    exclude(Kind.PHONE, citizen(7).phones[0], Scope())
    found = told(number)
    reasons = {reason.code: reason.people for reason in found.excused.reasons}
    assert reasons == {"E06": 1, "E07": 1, LISTED: 3}
    assert (found.people, found.dialled, found.excused.people, found.excluded_phones) == (10, 5, 5, 1)


def test_each_reason_opens_a_list_page_by_page(db, vault, clock, told, exclude):
    number = submitted(db, vault, clock, 5).id
    for person in range(5):
        exclude(Kind.PERSON, normal_form(citizen(person).document), Scope())
    with db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == number)).one()
        first = excused_people(tx, row, LISTED, 0, 3)
        rest = excused_people(tx, row, LISTED, first[-1].row, 3)
        assert excused_people(tx, row, "E06", 0, 3) == []
    assert [len(first), len(rest)] == [3, 2]
    assert sorted(each.row for each in (*first, *rest)) == [each.row for each in (*first, *rest)]
    assert told(number).dialled == 0 and told(number).estimate.calls == 0


def test_the_estimate_is_of_this_campaign(db, vault, clock, told):
    """Nine people with one telephone and … as invented; from their first day, 30 November, to their period's end."""
    found = told(submitted(db, vault, clock, 9).id)
    assert found.estimate is not None and found.estimate.ends_at is not None
    assert 9 < found.estimate.calls < 36
    assert f"{found.begins_at:%Y-%m-%d %H:%M}" == "2026-11-30 14:00"
    assert found.begins_at <= found.estimate.ends_at <= datetime.fromisoformat("2026-12-18T18:00:00-06:00")
    assert found.others.campaigns == 0


def test_once_its_period_is_over_nobody_is_called_and_that_is_the_reason(db, vault, clock, told, exclude):
    number = submitted(db, vault, clock, 4).id
    exclude(Kind.PERSON, normal_form(citizen(0).document), Scope())
    clock.jump_to(moment("2026-12-19 09:00"))
    found = told(number)
    assert (found.people, found.dialled, found.begins_at, found.estimate.calls) == (4, 0, None, 0)
    assert {reason.code: reason.people for reason in found.excused.reasons} == {Outcome.EXPIRED: 3, LISTED: 1}
    with db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == number)).one()
        assert len(excused_people(tx, row, Outcome.EXPIRED, 0, 9)) == 3


def test_campaigns_with_the_same_people_are_looked_for_anew(db, vault, clock, told):
    """Those that call and those under review, as they stand when somebody looks; of a reserved one nothing is said."""
    mine = submitted(db, vault, clock, 6).id
    later = submitted(db, vault, clock, 3, 2).id
    live = running(db, vault, clock, 4, 5)
    submitted(db, vault, clock, 2, 50)

    def found() -> dict[int, int]:
        return {each.campaign.id: each.people for each in told(mine).shared}

    assert found() == {later: 3, live: 1}
    set_campaign(db, later, named_readers=[COORDINATOR])
    assert found() == {live: 1}
    set_campaign(db, live, state="cancelled")
    assert found() == {}


def test_what_people_said_in_another_campaign_is_counted(db, vault, clock, told, exclude):
    """The telephone that is not theirs and the 8 of another campaign; of a reserved campaign nothing is told."""
    other = running(db, vault, clock, 4)
    for place, said in enumerate(
        (conversation.note_wrong_number, conversation.exclude_phone, conversation.exclude_person)
    ):
        each = attempts_of(db, other)[place]
        put_on_the_line(db, each.id, f"CA{place}", clock.now())
        with db.begin() as tx:
            to = candidate_for(tx, vault, each.id).to
            values = {
                "to_print": vault.fingerprint("phone", to),
                "outcome": Outcome.WRONG_NUMBER if place < 2 else None,
            }
            tx.execute(update(attempt).where(attempt.c.id == each.id).values(**values))
            said(tx, vault, clock.now(), each.id)
    mine = submitted(db, vault, clock, 6, fecha_inicio="07/12/2026").id
    assert (told(mine).wrong_numbers, told(mine).said_eight, told(mine).dialled) == (2, 1, 6)
    exclude(Kind.PERSON, normal_form(citizen(2).document), Scope())  # as a supervisor widens it
    assert (told(mine).said_eight, told(mine).dialled) == (0, 5)
    with db.begin() as tx:
        tx.execute(update(exclusion).where(exclusion.c.campaign_id.is_(None)).values(removed_at=clock.now()))
    assert (told(mine).wrong_numbers, told(mine).said_eight) == (0, 1)
    set_campaign(db, other, named_readers=[COORDINATOR])
    assert told(mine).said_eight == 0


def test_money_is_told_only_with_a_tariff(db, vault, clock, told):
    number = submitted(db, vault, clock, 9).id
    found = told(number)
    answered = sum(calls for outcome, calls in found.estimate.by_outcome.items() if found.rates.seconds[outcome])
    assert found.cost == pytest.approx(Decimal(answered) * Decimal("0.10"), rel=Decimal("0.001"))  # none takes a minute
    assert told(number, tariff=None).cost is None


def test_the_minutes_that_are_paid_for_times_the_price_are_the_cost(db, vault, clock, told):
    number = submitted(db, vault, clock, 9).id
    found = told(number)
    assert found.billed_minutes > found.minutes * 1.2  # those of conversation: each call is rounded up
    assert found.billed_minutes * DOLLARS.a_minute == pytest.approx(found.cost)
    by_second = told(number, tariff=Tariff("USD", Decimal("0.10"), 1))
    assert float(by_second.billed_minutes) == pytest.approx(by_second.minutes, rel=0.02)
    for unknown in (None, Tariff("USD", Decimal(0), 60)):
        assert told(number, tariff=unknown).billed_minutes is None


def test_what_goes_before_it_on_the_trunk_is_promised(db, vault, clock, told):
    """A slow trunk: 720 calls a day. Whoever goes first takes them; equals share; what comes later takes nothing."""
    first = running(db, vault, clock, 900, fecha_fin="15/12/2026")
    mine = submitted(db, vault, clock, 60, 2000, fecha_inicio="30/11/2026").id
    slow = Pace(0.02, 100)
    set_campaign(db, mine, starts_at=clock.now())
    ends = {}
    for priority in (1, 5, 9):
        set_campaign(db, first, priority=priority)
        set_campaign(db, mine, priority=5)
        found = told(mine, slow)
        ends[priority] = found.estimate.ends_at
        assert found.others.campaigns == (0 if priority == 9 else 1)
    assert ends[1] > ends[5] >= ends[9]
    set_campaign(db, first, state="paused", priority=1)
    assert told(mine, slow).others.campaigns == 0


def test_a_day_that_a_supervisor_closed_is_no_day_of_calls(db, vault, clock, told):
    number = submitted(db, vault, clock, 9).id
    day = datetime.fromisoformat("2026-11-30").date()
    with db.begin() as tx:
        closed_days.close(tx, clock.now(), COORDINATOR, "SV", day, day, "Asueto", DayKind.ASUETO)
    assert f"{told(number).begins_at:%Y-%m-%d}" == "2026-12-01"


def test_hours_of_their_own_hold_it_up(db, vault, clock, told):
    """A tenth of a day's work, and everybody prefers the last hour of the day."""
    number = submitted(db, vault, clock, 9).id
    before = told(number).estimate.ends_at
    with db.begin() as tx:
        tx.execute(update(recipient).values(preferred="17:00-18:00"))
    after = told(number)
    assert f"{min(after.estimate.by_day):%Y-%m-%d}" == "2026-11-30"
    assert after.estimate.ends_at.astimezone(moment("2026-11-30 10:00").tzinfo).hour == 17
    assert after.estimate.ends_at > before
    assert (after.people, after.dialled) == (9, 9)


class TestWhatIsLeft:
    """The same estimate while the campaign is under way: of what is left, from when each is due."""

    @pytest.fixture
    def left(self, db, clock):
        def tell(campaign_id: int) -> Foreseen:
            with db.begin() as tx:
                row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
                return foreseen(tx, clock.now(), row, PACE, seconds_of([]))

        return tell

    def test_before_the_first_call_it_is_what_the_preflight_said(self, db, vault, clock, told, left):
        number = submitted(db, vault, clock, 9).id
        said = told(number).estimate
        with db.begin() as tx:
            approve(tx, clock.now(), number, COORDINATOR, Role.SUPERVISOR, reason="prueba")
        assert told(number).estimate == left(number).estimate == said

    def test_whose_retry_is_tomorrow_is_not_called_today(self, db, vault, clock, left):
        number = running(db, vault, clock, 2)
        for each in attempts_of(db, number):
            put_on_the_line(db, each.id, f"CA{each.id}", clock.now())
            end(db, vault, clock.now(), each.id, "completed", answered_by="machine_start", duration_s=9)
        found = left(number)
        assert {(stage.calls, stage.today) for crowd in found.crowds.values() for stage in crowd} == {(1, 0)}
        assert min(found.estimate.by_day) == (clock.now() + timedelta(days=1)).date()

    def test_who_is_done_is_left_out_and_who_is_on_the_line_is_not(self, db, vault, clock, left):
        number = running(db, vault, clock, 3)
        done, on_the_line, _ = attempts_of(db, number)
        put_on_the_line(db, done.id, "CA1", clock.now())
        end(db, vault, clock.now(), done.id, "completed", progress="message_heard", duration_s=30)
        put_on_the_line(db, on_the_line.id, "CA2", clock.now())
        assert people_in(left(number).crowds) == 2

    def test_who_asked_not_to_be_called_is_left_out(self, db, vault, clock, left, exclude):
        number = running(db, vault, clock, 3)
        exclude(Kind.PERSON, normal_form(citizen(1).document), Scope())
        assert people_in(left(number).crowds) == 2

    def test_the_rarest_kinds_of_hours_are_told_together(self, db, vault, clock, left):
        number = running(db, vault, clock, 20)
        with db.begin() as tx:
            for each in range(20):
                hour = f"{9 + each // 6:02}:{each % 6}0"
                tx.execute(update(recipient).where(recipient.c.row % 20 == each).values(preferred=f"{hour}-18:00"))
        found = left(number)
        kinds = {stage.hours for crowd in found.crowds.values() for stage in crowd}
        assert (len(kinds), people_in(found.crowds)) == (MOST_HOURS + 1, 20)


def test_operators_call_at_a_pace_of_their_own(db, vault, clock, told):
    found = told(submitted(db, vault, clock, 3, modo="OPERADOR").id)
    assert (found.dialled, found.estimate, found.cost) == (3, None, None)


def test_there_is_no_preflight_of_nothing(told):
    with pytest.raises(NoSuchCampaign):
        told(7)


@pytest.mark.parametrize(("calls", "known"), [(ENOUGH - 1, 0), (ENOUGH, ENOUGH)])
def test_the_institutions_own_past_counts_from_500_calls(db, vault, clock, calls: int, known: int):
    number = running(db, vault, clock, 1)
    with db.begin() as tx:
        person = tx.execute(select(recipient.c.id)).scalar_one()
        done = {
            "campaign_id": number,
            "recipient_id": person,
            "phone": 0,
            "state": AttemptState.ENDED,
            "due_at": clock.now(),
            "started_at": clock.now(),
            "trunk": "default",
        }
        outcomes = [Outcome.BUSY if n % 4 == 0 else Outcome.MESSAGE_COMPLETE for n in range(calls)]
        rows = [done | {"remote_sid": f"CA{n}", "outcome": outcome.value} for n, outcome in enumerate(outcomes)]
        tx.execute(insert(attempt), rows)
        not_calls = done | {"remote_sid": None, "outcome": Outcome.FAILED.value}
        tx.execute(insert(attempt), [not_calls] * 50)
        found = rates_of(tx, clock.now() + timedelta(days=1), "SV", {})
        elsewhere = rates_of(tx, clock.now(), "MX", {})
    assert found.calls == known
    assert found.shares == ({Outcome.BUSY: 0.25, Outcome.MESSAGE_COMPLETE: 0.75} if known else DEFAULTS)
    assert elsewhere.calls == 0


def test_the_stated_defaults_are_a_hundred_calls():
    assert sum(DEFAULTS.values()) == pytest.approx(1)


class TestSample:
    def test_one_with_everything_one_that_lacks_something_and_the_longest(self, db, vault, clock):
        rows = [citizen(n) for n in range(40)]
        data = formato(rows, mensaje_guion="{primer_nombre}, vaya a {var_1} en {municipio}.").decode().split("\r\n")
        first = next(n for n, line in enumerate(data) if line.startswith("id_registro")) + 1
        data[first - 1] += ";municipio;var_1;segundo_nombre"
        for n in range(len(rows)):
            place = "la agencia central de la alameda, frente al parque" if n == 17 else "la agencia"
            data[first + n] += f";Apopa;{place};{'' if n == 31 else 'Inés'}"
            data[first + n] = data[first + n].replace(";;", f";{citizen(100 + n).phones[0]};", 1)
        number = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", "\r\n".join(data).encode()).id
        with db.begin() as tx:
            found = sample_calls(
                tx, vault, clock.now(), number, Catalog.load("dgs"), {"entidad": "x", "numero": "x", "operador": "x"}
            )
        assert [(each.row - first - 1, each.chosen) for each in found] == [
            (0, "Con todos sus datos"),
            (31, "Con menos datos"),
            (17, "La llamada más larga"),
        ]
        assert all(seconds_of(found)[Outcome.MESSAGE_COMPLETE] > seconds_of([])[Outcome.HUNG_UP] for _ in found)

    @pytest.mark.parametrize("people", [1, 2, 5])
    def test_never_more_than_there_are_nor_the_same_twice(self, db, vault, clock, people: int):
        number = submitted(db, vault, clock, people).id
        with db.begin() as tx:
            found = sample_calls(
                tx, vault, clock.now(), number, Catalog.load("dgs"), {"entidad": "x", "numero": "x", "operador": "x"}
            )
        assert len({each.row for each in found}) == len(found) == min(people, 3)
