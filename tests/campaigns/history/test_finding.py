"""Whoever is looked for is found by exactly what is known of them, and by nothing less."""

from threading import Thread

import pytest
from sqlalchemy import select

from campaigns.history import finding
from campaigns.history.finding import By, CannotFind, find
from campaigns.tables import campaign, recipient
from tests.campaigns.builders import attempts_of, running, set_attempt


@pytest.fixture
def number(db, vault, clock) -> int:
    running(db, vault, clock, 4)  # the same people, in another campaign
    return running(db, vault, clock, 4, nombre_campana="Otra")


@pytest.fixture
def search(db, vault, number):
    """The places, in the list, of those who are found."""

    def of(by: By, written: str, most: int = 20) -> list[int]:
        with db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == number)).one()
            first = tx.execute(select(recipient.c.row).where(recipient.c.campaign_id == number)).scalars()
            rows = sorted(first)
            return [rows.index(person.row) for person in find(tx, vault, row, by, written, most)]

    return of


@pytest.mark.parametrize(
    ("by", "written", "places"),
    [
        (By.DOCUMENT, "10000037-8", [1]),
        (By.DOCUMENT, " 100000378 ", [1]),
        (By.DOCUMENT, "10000037-5", []),
        (By.DOCUMENT, "1000003", []),
        (By.PHONE, "7100-0002", [2]),
        (By.PHONE, "+503 7100 0002", [2]),
        (By.PHONE, "7500-0003", [3]),  # the second telephone
        (By.PHONE, "7100-0009", []),
        (By.ID, "R-000003", [3]),
        (By.ID, "R-00000", []),
        (By.ID, "r-000003", []),
        (By.ID, 'R"\\', []),
    ],
)
def test_by_what_is_known(search, by, written, places):
    assert search(by, written) == places


def test_a_telephone_that_was_dialled_is_found_by_its_hash(db, vault, search, number, monkeypatch):
    third = attempts_of(db, number)[2]
    set_attempt(db, third.id, to_print=vault.fingerprint("phone", "+50371000002"))
    monkeypatch.setattr(finding, "_opened", None)  # no row is opened
    assert search(By.PHONE, "7100-0002") == [2]


@pytest.mark.parametrize(
    ("by", "written"), [(By.PHONE, "911"), (By.PHONE, "un teléfono"), (By.DOCUMENT, "--"), (By.DOCUMENT, "é" * 50)]
)
def test_what_cannot_be_one_is_told_without_repeating_it(search, by, written):
    with pytest.raises(CannotFind) as told:
        search(by, written)
    assert written not in str(told.value)


def test_a_list_that_takes_too_long_is_given_up(search, monkeypatch):
    monkeypatch.setattr(finding, "LONGEST_S", -1.0)
    monkeypatch.setattr(finding, "_one_at_a_time", _Free())
    with pytest.raises(CannotFind, match="demasiado larga"):
        search(By.ID, "R-999999")


def test_one_looks_at_a_time(search, monkeypatch):
    monkeypatch.setattr(finding, "LONGEST_S", 0.01)
    with finding._one_at_a_time:
        found: list[str] = []

        def look() -> None:
            try:
                search(By.ID, "R-000001")
            except CannotFind as problem:
                found.append(str(problem))

        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert found == ["Alguien más está buscando: vuelva a intentarlo en unos segundos."]


def test_no_more_than_wanted(search):
    assert search(By.ID, "R-000001", most=1) == [1]


class _Free:
    def acquire(self, timeout: float) -> bool:
        return True

    def release(self) -> None:
        pass
