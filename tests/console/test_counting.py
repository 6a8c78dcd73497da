"""Pages beside lists that take long to count: what is known is shown at once, and the rest comes when it is there."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from campaigns.outcomes import Outcome
from campaigns.tables import observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, Level
from console import queries
from console.beside import Beside, Work
from console.campaigns.report import progress_of
from console.campaigns.review_count import review_counts_of
from console.office import Freshness
from core.roles import Role
from tests.console.builders import account, formato, forty, is_in, person, upload
from tests.console.conftest import make_app
from tests.reports.builders import called

COUNTING = "Lo estamos contando"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def later() -> list[Work]:
    """What is to be done beside whoever looks: nobody has done it yet."""
    return []


@pytest.fixture
def browser(office, db, clock, later):
    """A supervisor's, of an application in which every count is a long one."""
    app = make_app(replace(office, freshness=Freshness(count_s=60.0)))
    for boards in (review_counts_of(app.extensions["office"]), progress_of(app.extensions["office"])):
        boards._beside, boards._kept._quick_s = later.append, 0.0
    client = app.test_client()
    is_in(client, db, account(db, clock, Role.SUPERVISOR))
    return client


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    monkeypatch.setattr("console.beside._WAITS_S", 0.0)


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def done(later: list[Work]) -> None:
    (work,) = later
    later.clear()
    work()


class TestReview:
    def test_it_says_that_it_counts_and_shows_the_rest(self, browser, later):
        where = f"/campanas/{upload(browser, forty())}/revision"
        page = browser.get(where).text
        assert COUNTING in plain(page) and "Solicitud" in page
        assert "data-counting" in page and "counting.js" in page and 'http-equiv="refresh"' in page
        assert "/aprobar" not in page  # nobody approves what is not counted
        assert COUNTING in plain(browser.get(where).text)
        assert len(later) == 1  # one at a time, whoever asks

        done(later)
        page = browser.get(where).text
        assert "39 de 40 se llamarán" in plain(page) and "Aprobar 39 de 40" in plain(page)
        assert "Con todos sus datos" in page and "error E06" in plain(page)
        assert "data-counting" not in page and "counting.js" not in page
        assert later == []

    def test_what_was_counted_says_when_and_is_counted_again_when_asked(self, browser, later, db, clock):
        number = upload(browser, forty())
        where = f"/campanas/{number}/revision"
        browser.get(where)
        done(later)
        assert "Contado el" not in browser.get(where).text
        clock.advance(AN_HOUR)
        with db.begin() as tx:
            some = select(recipient.c.id).where(recipient.c.campaign_id == number, ~recipient.c.is_final).limit(9)
            tx.execute(
                update(recipient).where(recipient.c.id.in_(some)).values(outcome=Outcome.EXCLUDED, is_final=True)
            )
        page = browser.get(where).text
        assert "39 de 40 se llamarán" in plain(page) and "Contado el" in page
        again = re.search(r'href="([^"]+contar=1)"', page)
        assert again
        assert COUNTING in plain(browser.get(again[1]).text)
        done(later)
        assert "30 de 40 se llamarán" in plain(browser.get(where).text)

    def test_of_what_cannot_be_counted_nobody_waits(self, browser, later, monkeypatch, caplog):
        where = f"/campanas/{upload(browser, forty())}/revision"
        browser.get(where)
        monkeypatch.setattr("console.campaigns.review_count.preflight", lambda *args, **more: 1 / 0)
        done(later)
        assert "could not be counted for its review" in caplog.text
        page = browser.get(where).text
        assert "No se pudo contar" in page and "data-counting" not in page and "/aprobar" in page

    def test_before_approving_what_is_counted_is_not_counted_again(self, browser, later, monkeypatch):
        upload(browser, forty(nombre_campana="De otra área"))
        number = upload(browser, forty(nombre_campana="Nueva"))
        told = "39 de estas personas están también en CAMP-2026-0001"
        assert told in plain(browser.get(f"/campanas/{number}/aprobar").text)
        browser.get(f"/campanas/{number}/revision")
        done(later)
        monkeypatch.setattr("console.campaigns.what_happens.shared", lambda *given: pytest.fail("counted"))
        assert told in plain(browser.get(f"/campanas/{number}/aprobar").text)


class TestRequest:
    def test_the_areas_page_says_that_it_counts_and_shows_the_rest(self, browser, later):
        number = upload(browser, forty())
        browser.post(f"/campanas/{number}/devolver", data={"reason": "Corrija la fila 13"})
        where = f"/campanas/{number}/solicitud"
        page = browser.get(where).text
        assert COUNTING in plain(page) and "Corrija la fila 13" in page and "se pueden llamar" not in page
        assert "data-counting" in page and "counting.js" in page and 'http-equiv="refresh"' in page
        done(later)
        page = browser.get(where).text
        assert "40 personas en la lista; 39 se pueden llamar y 1 no: Teléfono (1)" in plain(page)
        assert "data-counting" not in page and "counting.js" not in page


class TestReport:
    def test_it_says_that_it_counts(self, browser, later, db, vault, clock):
        number = called(db, vault, clock)
        where = f"/campanas/{number}/informe"
        page = browser.get(where).text
        assert COUNTING in plain(page) and "Indicadores" not in page and "Informe de avance" in page
        done(later)
        assert "Indicadores" in browser.get(where).text

    def test_its_cut_is_the_moment_at_which_it_was_counted(self, browser, later, db, vault, clock):
        where = f"/campanas/{called(db, vault, clock)}/informe"
        browser.get(where)
        done(later)
        cut = re.search(r"corte [^(<]+", before := browser.get(where).text)
        clock.advance(AN_HOUR)
        after = browser.get(where).text
        assert cut and cut[0] in after and "Contado el" in after and "Contado el" not in before


class TestReviewed:
    """Of what is counted already, as many as counting every row would find."""

    @pytest.mark.parametrize("outcome", [None, Outcome.EXCLUDED, Outcome.ROW_IN_ERROR, Outcome.BUSY])
    def test_as_many_as_there_are(self, office, db, clock, outcome):
        client = make_app(office).test_client()
        is_in(client, db, account(db, clock, Role.SUPERVISOR))
        people = [person(n, phone="2234-567" if n < 4 else None) for n in range(1, 40)]
        number = upload(client, formato(people))
        with db.begin() as tx:
            noted = {"campaign_id": number, "code": "E07", "level": Level.AVISO, "sheet": CONTACTS_SHEET, "message": ""}
            tx.execute(observation.insert(), [noted | {"row": row} for row in (3, 8, 8, 9, 40, 999)])
            mine = (recipient.c.campaign_id == number, recipient.c.row.in_([8, 12]))
            tx.execute(update(recipient).where(*mine).values(outcome=outcome, is_final=outcome is not None))
            assert queries.reviewed(tx, number) == row_by_row(tx, number)


def row_by_row(tx, number: int) -> queries.Reviewed:
    never = (Outcome.ROW_IN_ERROR, Outcome.EXCLUDED)
    is_noted = observation.c.level == Level.AVISO
    noted = set(tx.execute(select(observation.c.row).where(observation.c.campaign_id == number, is_noted)).scalars())
    rows = tx.execute(select(recipient.c.row, recipient.c.outcome).where(recipient.c.campaign_id == number)).all()
    called = [row for row, outcome in rows if outcome not in never]
    return queries.Reviewed(len(called), len(noted.intersection(called)), len(rows) - len(called))


class TestBeside:
    """What ``Ends`` does besides (test_ends.py)."""

    @pytest.fixture
    def now(self) -> list[float]:
        return [0.0]

    def test_what_is_quick_is_told_anew_each_time(self, now):
        beside: Beside[int] = Beside(10.0, lambda: now[0], lambda work: work(), keeps_quick=False)
        counts = iter(range(3))
        assert [beside.of(7, "", lambda: next(counts)) for _ in range(3)] == [0, 1, 2]
        assert beside.known(7, "") is None

    def test_what_takes_long_is_not(self, now):
        beside: Beside[float] = Beside(10.0, lambda: now[0], lambda work: work(), keeps_quick=False)

        def count() -> float:
            now[0] += 2.0
            return now[0]

        assert [beside.of(7, "", count) for _ in range(3)] == [2.0, 2.0, 2.0]
        assert beside.known(7, "") == 2.0
        now[0] = 99.0  # fifty times as long as it took
        assert beside.of(7, "", count) == 2.0
        now[0] = 100.0
        assert (beside.known(7, ""), beside.of(7, "", count)) == (None, 102.0)
        beside.forget(7)
        assert beside.of(7, "", count) == 104.0

    def test_a_short_list_does_not_wait_for_a_long_one(self, now):
        later: list[Work] = []
        beside: Beside[int] = Beside(10.0, lambda: now[0], later.append, keeps_quick=False, at_once=2)
        assert [beside.of(whose, "", lambda: 1) for whose in (7, 7, 8, 9)] == [None] * 4
        assert len(later) == 2  # of each once, and of two at a time
        later.pop()()
        assert [beside.of(whose, "", lambda: 1) for whose in (8, 9)] == [1, None]
        assert len(later) == 2

    def test_of_what_is_old_nothing_is_told_while_it_is_counted(self, now):
        later: list[Work] = []
        beside: Beside[int] = Beside(10.0, lambda: now[0], later.append, keeps_quick=False)
        assert beside.of(7, "", lambda: 1) is None
        later.pop()()
        now[0] = 9.0
        assert beside.of(7, "", lambda: 2) == 1
        now[0] = 10.0
        assert beside.of(7, "", lambda: 2) is None
