"""Several trunks: each with its own campaigns, one standing in for another that rests, and a file that changes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from carrier.client import Carrier, NotAsked, Placed
from core.trunks import Trunks
from core.trunks_file import TrunksInUse
from dialer.gone import give_up_gone
from dialer.keeper import Means
from dialer.pace import Pace
from dialer.process import Dialer
from dialer.reconcile import Reconciler
from dialer.round import Round
from tests.campaigns.builders import NUMBER, attempts_of, running, set_attempt, set_campaign
from tests.dialer.builders import TRUNK, Switch, held, states
from tests.dialer.exchange import Exchange, an_exchange
from tests.dialer.remote import ACCOUNT, API, TO, call, fetched, lists
from tests.service import wait_for
from tests.trunks import a_trunk, in_use

CLARO = a_trunk(name="claro", calls_per_second=1000, numbers=frozenset({NUMBER}))
TIGO = a_trunk(name="tigo", calls_per_second=1000)
ABROAD = a_trunk(name="bogota", calls_per_second=1000, countries=frozenset({"CO"}))


class Two:
    """Rounds of two trunks, and the orders that each released."""

    def __init__(self, db, vault, clock, *trunks) -> None:
        self.db, self.trunks = db, in_use(*trunks)
        self.switches = {trunk.name: Switch() for trunk in trunks}
        self.rounds = {
            trunk.name: Round(
                db,
                vault,
                clock,
                self.trunks,
                trunk,
                held(db, trunk.name),
                Pace(trunk.calls_per_second),
                "https://voz.example",
                self.switches[trunk.name],
            )
            for trunk in trunks
        }

    def say_troubles(self) -> None:
        """What each dialer does every second: its lease is renewed, and with it what ails the trunk."""
        for round_ in self.rounds.values():
            with self.db.begin() as tx:
                round_.lease.tick(tx)


@pytest.fixture
def two(db, vault, clock) -> Two:
    return Two(db, vault, clock, CLARO, TIGO)


def on(db, campaign_id: int) -> list[str]:
    return [row.trunk for row in attempts_of(db, campaign_id)]


def test_each_dials_its_own(db, vault, clock, two):
    claros, tigos = running(db, vault, clock, 3), running(db, vault, clock, 2, 3, nombre_campana="Otra")
    set_campaign(db, claros, trunk="claro")
    set_campaign(db, tigos, trunk="tigo")
    assert [two.rounds[name].run() for name in ("claro", "tigo")] == [3, 2]
    assert (on(db, claros), on(db, tigos)) == (["claro"] * 3, ["tigo"] * 2)


def test_a_campaign_that_names_none_goes_by_the_first_that_may(db, vault, clock):
    two = Two(db, vault, clock, ABROAD, TIGO)
    campaign_id = running(db, vault, clock, 2)
    assert [two.rounds[name].run() for name in ("bogota", "tigo")] == [0, 2]
    assert on(db, campaign_id) == ["tigo"] * 2


class TestOneThatFails:
    @pytest.fixture(params=["claro", "default"])
    def campaign_id(self, request, db, vault, clock) -> int:
        """One that names the first trunk, and one that names none and goes by it."""
        campaign_id = running(db, vault, clock, 4)
        set_campaign(db, campaign_id, trunk=request.param)
        return campaign_id

    @pytest.fixture
    def failed(self, db, two, campaign_id) -> Two:
        """The carrier of the first trunk was asked once and is not there."""
        two.rounds["claro"].run()
        two.switches["claro"].answer(*[NotAsked(no_connection=True)] * 4)
        two.rounds["claro"].store_answers()
        two.say_troubles()
        for row in attempts_of(db, campaign_id):
            set_attempt(db, row.id, due_at=row.due_at.replace(year=2026, month=1))  # the two seconds are over
        return two

    def test_its_work_goes_by_the_other(self, db, failed, campaign_id):
        assert states(db, campaign_id) == ["due"] * 4
        assert failed.rounds["claro"].run() == 0, "it rests"
        assert failed.rounds["tigo"].run() == 4
        assert on(db, campaign_id) == ["tigo"] * 4
        assert {order.caller_id for order in failed.switches["tigo"].orders} == {NUMBER}, "the citizen sees no change"

    def test_and_comes_back_when_it_is_well(self, db, failed, campaign_id):
        failed.rounds["claro"].rest._backoff._until = 0.0  # its rest is over
        assert failed.rounds["claro"].run() == 4, "somebody has to find out"
        failed.switches["claro"].answer(*[Placed(f"CA{n}") for n in range(4)])
        failed.rounds["claro"].store_answers()
        failed.say_troubles()
        assert failed.rounds["tigo"].run() == 0
        assert on(db, campaign_id) == ["claro"] * 4

    def test_not_by_one_that_may_not_show_its_number(self, db, vault, clock, campaign_id):
        two = Two(db, vault, clock, CLARO, a_trunk(name="tigo", numbers=frozenset({"+50322999999"})))
        two.rounds["claro"].lease.trouble = "carrier_down"
        two.say_troubles()
        assert two.rounds["tigo"].run() == 0


def test_of_a_trunk_that_is_gone_nobody_is_called_again(db, vault, clock):
    """A call that its own webhook has not ended in a day: it is nobody's any more, and not one to be made again."""
    campaign_id = running(db, vault, clock, 3)
    old, young, ours = (row.id for row in attempts_of(db, campaign_id))
    asked = datetime.now(UTC)
    set_attempt(db, old, state="unknown", trunk="gone", asked_at=asked - timedelta(hours=25), started_at=clock.now())
    set_attempt(db, young, state="unknown", trunk="gone", asked_at=asked - timedelta(hours=2), started_at=clock.now())
    set_attempt(db, ours, state="unknown", trunk="claro", asked_at=asked - timedelta(hours=25), started_at=clock.now())
    assert give_up_gone(db, clock, [CLARO, TIGO]) == 1
    assert [row.state for row in attempts_of(db, campaign_id)[:3]] == ["ended", "unknown", "unknown"]
    assert give_up_gone(db, clock, [CLARO, TIGO]) == 0


ANOTHER = "AC" + "9" * 32


class TestATrunkWhoseAccountWasChanged:
    """Of what was asked at the one that it had, the one that it has knows nothing."""

    @pytest.fixture
    def asked(self, db, vault, clock) -> int:
        """Two people whom another account was asked to call: of one call nobody knows, the other is on the line."""
        campaign_id = running(db, vault, clock, 2)
        lost, talking = (row.id for row in attempts_of(db, campaign_id))
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        asked = {"trunk": TRUNK, "carrier_account": ANOTHER, "asked_at": an_hour_ago, "started_at": clock.now()}
        set_attempt(db, lost, state="unknown", **asked)
        set_attempt(db, talking, state="placed", remote_sid="CA1", **asked)
        return campaign_id

    def test_nobody_is_called_twice_nor_forgotten(self, db, vault, clock, twilio, asked):
        """Its list has no such call, and it does not know the other."""
        lists(twilio)
        fetched(twilio, "CA1", status=404, json={"code": 20404, "message": "x", "status": 404})
        assert Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, 30).run() == 0
        assert states(db, asked) == ["unknown", "placed"]
        assert len(twilio.calls) == 0

    def test_the_account_that_was_asked_is(self, db, vault, clock, twilio, asked):
        for row in attempts_of(db, asked):
            set_attempt(db, row.id, carrier_account=ACCOUNT)
        lists(twilio)
        fetched(twilio, "CA1", json=call("CA1", TO[1], "busy"))
        assert Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, 30).run() == 2
        assert states(db, asked)[:2] == ["not_placed", "ended"]

    def test_after_a_day_they_are_given_up(self, db, clock, asked):
        """Though the account is another trunk's now: that one asks after its own alone."""
        trunks = [a_trunk(), a_trunk(name="tigo", account_sid=ANOTHER)]
        assert give_up_gone(db, clock, trunks) == 0
        for row in attempts_of(db, asked):
            set_attempt(db, row.id, asked_at=row.asked_at - timedelta(hours=24))
        assert give_up_gone(db, clock, [a_trunk(account_sid=ANOTHER)]) == 0
        assert give_up_gone(db, clock, trunks) == 2
        assert states(db, asked) == ["ended", "ended"]

    def test_they_keep_no_line_of_the_account_that_it_has(self, db, vault, clock, asked, make, switch):
        campaign_id = running(db, vault, clock, 3, 2, nombre_campana="Otra")
        assert make(cap=2).run() == 2
        assert [row.carrier_account for row in attempts_of(db, campaign_id)] == [ACCOUNT, ACCOUNT, None]


@contextmanager
def dialling(db, vault, clock, trunks: TrunksInUse) -> Iterator[None]:
    dialer = Dialer(Means(db, vault, clock, trunks, "http://127.0.0.1:1"))
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        dialer.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def exchanges() -> Iterator[tuple[Exchange, Exchange]]:
    with an_exchange() as one, an_exchange() as other:
        yield one, other


def changing(trunks: Trunks, tmp_path) -> tuple[TrunksInUse, list[Trunks]]:
    """What a process goes by, and a list whose last is what its file would say now."""
    file, told = tmp_path / "troncales.toml", [trunks]
    file.touch()
    return TrunksInUse(trunks, file, lambda _: told[-1]), told


def save(tmp_path, size: int) -> None:
    (tmp_path / "troncales.toml").write_text("#" * size)


def test_a_change_of_the_file_is_felt_within_two_seconds(db, vault, clock, exchanges, tmp_path):
    one, other = exchanges
    slow = a_trunk(name="claro", account_sid="AC" + "1" * 32, api_url=one.address, calls_per_second=0.2)
    second = a_trunk(name="tigo", account_sid="AC" + "2" * 32, api_url=other.address, calls_per_second=20)
    for first, trunk in ((0, slow), (300, second)):
        set_campaign(db, running(db, vault, clock, 300, first, nombre_campana=trunk.name), trunk=trunk.name)
    trunks, told = changing(Trunks((slow,)), tmp_path)
    with dialling(db, vault, clock, trunks):
        wait_for(lambda: len(one.asked) == 1, 20, "the first call")
        fast = a_trunk(name="claro", account_sid="AC" + "1" * 32, api_url=one.address, calls_per_second=20)
        told.append(Trunks((fast, second)))
        save(tmp_path, 1)
        wait_for(lambda: len(one.asked) >= 5 and other.asked, 2.5, "the new pace, and the new trunk")
        told.append(Trunks((fast,)))
        save(tmp_path, 2)
        wait_for(lambda: _leases(db) == {"claro"}, 10, "the other to be given back")
        asked = len(other.asked)
        one_was = len(one.asked)
        wait_for(lambda: len(one.asked) > one_was + 10, 5, "more calls")
        assert len(other.asked) == asked


def _leases(db) -> set[str]:
    with db.begin() as tx:
        return set(tx.execute(text("select trunk from lease where expires_at > clock_timestamp()")).scalars())


def test_a_carrier_that_refuses_us_is_stood_in_for_until_it_takes_us_again(db, vault, clock, exchanges):
    one, other = exchanges
    own = a_trunk(name="claro", account_sid="AC" + "1" * 32, api_url=one.address, calls_per_second=10)
    spare = a_trunk(name="tigo", account_sid="AC" + "2" * 32, api_url=other.address, calls_per_second=10)
    campaign_id = running(db, vault, clock, 300)
    set_campaign(db, campaign_id, trunk="claro")
    one.refuses = True
    with dialling(db, vault, clock, in_use(own, spare)):
        wait_for(lambda: len(other.asked) > 5, 20, "the spare one to be asked")
        one.refuses = False
        wait_for(lambda: len(one.asked) > 5, 20, "its own to be asked again")
    with db.begin() as tx:
        placed = tx.execute(text("select count(*) from attempt where state = 'placed'")).scalar_one()
    assert placed == len(one.asked) + len(other.asked)
