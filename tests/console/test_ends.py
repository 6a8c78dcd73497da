"""When a campaign ends, as the live page and the list tell it: what its preflight says of what is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Row, update

from campaigns import life
from campaigns.forecast.preflight import preflight
from campaigns.forecast.rates import seconds_of
from campaigns.states import CampaignState
from campaigns.tables import recipient
from console.beside import Work
from console.campaigns import overview as campaign_list
from console.campaigns.ends import End, Ends, ends_of
from console.campaigns.foretold import end_of
from console.campaigns.samples import samples_of
from console.office import Freshness
from console.words import moment
from core.roles import Role
from tests.campaigns.builders import campaign_row, running, scheduled, set_campaign, submitted
from tests.console.builders import account, is_in
from tests.console.conftest import make_app
from tests.trunks import a_trunk, in_use

ASSUMED = "supone que se contesta como es corriente: aún hay pocas llamadas propias."
FAR = End(datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def slow(office):
    """A trunk on which a few people take hours."""
    return replace(office, trunks=in_use(a_trunk(calls_per_second=0.0005, max_live_calls=2)))


class Asked(list[float]):
    """When it was asked."""

    def tell(self, at: float = 0.0) -> End:
        self.append(at)
        return FAR


def at_once(work: Work) -> None:
    """In place of another thread: whoever looks waits."""
    work()


def row_of(db, number: int) -> Row:
    with db.begin() as tx:
        return campaign_row(tx, number)


def last_call(end: End | None) -> datetime:
    assert end is not None and end.at is not None
    return end.at


def told_before(office, db, clock, number: int) -> datetime | None:
    with db.begin() as tx:
        row = campaign_row(tx, number)
        said = preflight(tx, clock.now(), number, office.pace_of(row), seconds_of(samples_of(office, tx, row))).estimate
    return said.ends_at if said else None


def test_the_live_page_and_the_preflight_never_differ(slow, db, vault, clock):
    number = scheduled(db, vault, clock, 9)
    app = make_app(slow)
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    with app.app_context():
        expected = moment(told_before(slow, db, clock, number))
    assert f"≈ {expected}" in browser.get(f"/campanas/{number}/en-vivo").text
    assert ASSUMED in browser.get(f"/campanas/{number}/en-vivo").text
    assert f"≈ {expected}" in browser.get("/campanas").text
    with db.begin() as tx:
        life.move(tx, clock.now(), number, CampaignState.RUNNING, "dialer")
    assert f"≈ {expected}" in browser.get(f"/campanas/{number}/en-vivo").text


def test_hours_of_their_own_are_seen_on_the_page(slow, db, vault, clock):
    number = running(db, vault, clock, 2)
    before = last_call(end_of(slow, clock.now(), row_of(db, number)))
    with db.begin() as tx:
        tx.execute(update(recipient).values(preferred="17:00-18:00"))
    after = last_call(end_of(slow, clock.now(), row_of(db, number)))
    assert before < after
    assert after.astimezone(slow.zone).hour == 17


def test_too_little_time_is_said(slow, db, vault, clock):
    number = running(db, vault, clock, 100)
    browser = make_app(replace(slow, trunks=in_use(a_trunk(calls_per_second=0.0001, max_live_calls=2)))).test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    assert "No alcanza el tiempo: unas" in browser.get(f"/campanas/{number}/en-vivo").text


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED])
def test_of_what_does_not_dial_nothing_is_foretold(slow, db, vault, clock, state):
    number = running(db, vault, clock, 9)
    set_campaign(db, number, state=state)
    assert end_of(slow, clock.now(), row_of(db, number)) is None


def test_nobody_knows_how_fast_operators_call(slow, db, vault, clock):
    number = running(db, vault, clock, 2, modo="OPERADOR")
    assert end_of(slow, clock.now(), row_of(db, number)) is None


def test_the_last_calls_are_not_foretold(office, db, vault, clock):
    """What was told a minute ago is behind us."""
    trunks, number = in_use(a_trunk(calls_per_second=0.01, max_live_calls=20)), running(db, vault, clock, 9)
    slow = replace(office, trunks=trunks, freshness=Freshness(foretell_s=60.0))
    ends_of(slow)._beside, row = at_once, row_of(db, number)
    told = end_of(slow, clock.now(), row)
    assert end_of(slow, last_call(told) - timedelta(minutes=3), row) == told
    assert end_of(slow, last_call(told) - timedelta(minutes=1), row) is None


def test_a_long_list_is_not_waited_for(slow, db, vault, clock, monkeypatch):
    monkeypatch.setattr(campaign_list, "_FORETELLS_S", 0.0)
    number = running(db, vault, clock, 9)
    app = make_app(replace(slow, freshness=Freshness(foretell_s=60.0)))
    ends_of(app.extensions["office"])._beside = at_once
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.SUPERVISOR))
    assert "≈" not in browser.get("/campanas").text
    browser.get(f"/campanas/{number}/en-vivo")
    assert "≈" in browser.get("/campanas").text  # what is known already costs nothing


def test_what_waits_for_a_decision_has_its_preflight_instead(slow, db, vault, clock):
    number = submitted(db, vault, clock, 2).id
    assert end_of(slow, clock.now(), row_of(db, number)) is None


class TestOnceAMinute:
    @pytest.fixture
    def now(self) -> list[float]:
        return [0.0]

    @pytest.fixture
    def ends(self, now) -> Ends:
        return Ends(60.0, clock=lambda: now[0], beside=at_once)

    def test_for_all_who_look(self, ends, now):
        asked = Asked()
        for now[0] in (0.0, 1.0, 59.9, 60.0, 61.0, 125.0):  # noqa: B020 - the clock goes on
            ends.of(7, "running", lambda: asked.tell(now[0]))
        assert asked == [0.0, 60.0, 125.0]
        ends.of(8, "running", lambda: asked.tell(8))
        assert asked[-1] == 8

    def test_another_state_is_another_question(self, ends):
        assert ends.of(7, "scheduled", lambda: FAR) == FAR
        assert ends.of(7, "running", lambda: None) is None
        assert (ends.is_known(7, "running"), ends.is_known(7, "scheduled")) == (True, False)

    def test_what_takes_long_is_kept_longer(self, ends, now):
        """Never more than a fiftieth of a process's time."""
        asked = []

        def takes_three_seconds() -> End:
            asked.append(now[0])
            now[0] += 3.0
            return FAR

        for at in (0.0, 61.0, 149.0, 150.0):
            now[0] = max(now[0], at)
            ends.of(7, "running", takes_three_seconds)
        assert asked == [0.0, 150.0]

    def test_nobody_waits_for_what_takes_long(self, now):
        """Another who looks meanwhile is told what is known, and does not ask too."""
        later: list[Work] = []
        ends = Ends(60.0, clock=lambda: now[0], beside=later.append)
        assert ends.of(7, "running", lambda: FAR) is None
        assert ends.of(8, "running", lambda: FAR) is None
        assert len(later) == 1
        later.pop()()
        assert ends.of(7, "running", lambda: None) == FAR
        now[0] = 61.0
        assert ends.of(7, "running", lambda: None) == FAR  # old, and better than nothing
        later.pop()()
        assert ends.of(7, "running", lambda: FAR) is None

    def test_many_at_once_ask_once(self):
        ends, asked, begin = Ends(60.0), Asked(), Barrier(8)

        def look() -> None:
            begin.wait()
            ends.of(7, "running", asked.tell)

        threads = [Thread(target=look) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert asked == [0.0]
        assert ends.of(7, "running", lambda: None) == FAR

    def test_what_nobody_looks_at_is_forgotten(self, ends, now):
        ends.of(7, "running", lambda: FAR)
        now[0] = 121.0
        ends.of(8, "running", lambda: FAR)
        assert list(ends._kept._known) == [8]

    def test_what_failed_is_tried_again_a_minute_later(self, ends, now, caplog):
        assert ends.of(7, "running", lambda: FAR) == FAR
        now[0] = 60.0
        assert ends.of(7, "running", lambda: int("00016297-5")) == FAR
        assert "could not be foretold: ValueError at" in caplog.text
        assert "00016297-5" not in caplog.text  # an exception's own words may be somebody's
        assert ends.is_known(7, "running")
        now[0] = 121.0
        assert ends.of(7, "running", lambda: None) is None

    def test_where_nothing_is_kept_it_is_told_to_each(self):
        asked = Asked()
        for _ in range(2):
            assert Ends().of(7, "running", asked.tell) == FAR
        assert len(asked) == 2
