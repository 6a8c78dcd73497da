"""Finding people: spelt on a keypad, by extension, by words."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk.directory import queries
from desk.directory.facts import Category
from desk.directory.queries import Filter
from tests.desk.directory.builders import LINE, TODAY, added

PEOPLE = (
    "Ana María López Núñez",
    "Anastasia Ramos",
    "José Muñoz Ibáñez",
    "María de la Cruz Pérez",
    "Ema",
    "Lópes Muñoz, Íñigo",
)


@pytest.fixture
def people(db, clock) -> None:
    with db.begin() as tx:
        for name in PEOPLE:
            added(tx, clock.now(), name)
        added(tx, clock.now(), "Ana de otra línea", line="l131")


@pytest.fixture
def spelt(db, people) -> Callable[[str], list[str]]:
    def names(keys: str) -> list[str]:
        with db.begin() as tx:
            return [entry.name for entry in queries.spelt(tx, LINE, keys)]

    return names


ANA, ANASTASIA, JOSE, CRUZ, EMA, INIGO = PEOPLE


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("262", [ANA, ANASTASIA]),  # ANA: the whole word before the one that only begins so
        ("2627", [ANASTASIA]),
        ("68669", [JOSE, INIGO]),  # MUÑOZ, the ñ on the 6
        ("6866", [JOSE, INIGO]),
        ("5673", [JOSE, ANA, INIGO]),  # JOSE, and the beginning of LOPEZ and LOPES
        ("56739", [ANA]),  # LOPEZ; LOPES would be 56737
        ("5673968639", [ANA]),  # LOPEZNUNEZ, typed through
        ("2625673", [ANA]),  # ANALOPE…
        ("567390262", [ANA]),  # LOPEZ 0 ANA
        ("26205673", [ANA]),  # ANA 0 LOPE…
        ("26056", [ANA]),  # AN… 0 LO…
        ("2620262", []),  # not the same word twice
        ("262627425673968639", [ANA]),  # the whole name
        ("33052027890", [CRUZ]),  # DE 0 LA 0 CRUZ 0
        ("335227892", []),  # DELACRUZA: nobody
        ("33522789", [CRUZ]),  # DELACRUZ
        ("362", [EMA]),
        ("3620", [EMA]),
        ("999", []),
        ("27", [CRUZ]),
    ],
)
def test_a_name_is_spelt(spelt, keys, found):
    assert spelt(keys) == found


@pytest.mark.parametrize("keys", ["", "0", "000", "1", "2", "26*2", "#", "262 ", "２６２", "2" * 41, "202020202020202"])
def test_what_spells_nothing_finds_nobody(spelt, keys):
    assert spelt(keys) == []


def test_as_many_as_asked_for(db, people):
    with db.begin() as tx:
        assert len(queries.spelt(tx, LINE, "26", limit=1)) == 1


def test_everyone_at_an_extension(db, clock):
    with db.begin() as tx:
        added(tx, clock.now(), "Orientación", extension="1415050")
        added(tx, clock.now(), "Ana", extension="1415050")
        added(tx, clock.now(), "Otra", extension="141505")
        added(tx, clock.now(), "De otra línea", extension="1415050", line="l131")
        assert [entry.name for entry in queries.by_extension(tx, LINE, "1415050")] == ["Ana", "Orientación"]
        assert queries.by_extension(tx, LINE, "99") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("munoz", ["José Muñoz"]),
        ("MUÑO jose", ["José Muñoz"]),
        ("vincul", ["Clínica Oriente", "José Muñoz"]),
        ("1415050", ["José Muñoz"]),
        ("722 226 1950", ["Clínica Oriente"]),
        ("+52 722 226 1950", ["Clínica Oriente"]),
        ("clinica jose", []),
        ("oriente:* | jose", []),
        ("!jose", ["José Muñoz"]),
        ("", ["Clínica Oriente", "José Muñoz", "Zoé"]),
        ("¿?", []),
    ],
)
def test_words_are_found_without_their_accents(db, clock, words, found):
    with db.begin() as tx:
        added(tx, clock.now(), "José Muñoz", extension="1415050", unit="Vinculación")
        added(tx, clock.now(), "Clínica Oriente", extension=None, telephone="+527222261950", role="Vínculo vinculado")
        added(tx, clock.now(), "Zoé", line="dgs")
        assert [entry.name for entry in queries.search(tx, None, words)] == found


def test_lists_are_filtered_and_turned_over(db, clock):
    with db.begin() as tx:
        for name in ("Ángel", "Beatriz", "Cecilia", "Diego"):
            added(tx, clock.now(), name)
        added(tx, clock.now(), "Aurora", line="dgs", category=Category.SALUD_MENTAL)
        assert [each.name for each in queries.search(tx, LINE, "", limit=2)] == ["Ángel", "Beatriz"]
        assert [each.name for each in queries.search(tx, LINE, "", limit=2, offset=2)] == ["Cecilia", "Diego"]
        assert [each.name for each in queries.search(tx, None, "", Category.SALUD_MENTAL)] == ["Aurora"]
        assert queries.count(tx, Filter(LINE)) == 4


@pytest.mark.parametrize(("days", "is_stale"), [(0, False), (180, False), (181, True), (None, True)])
def test_what_nobody_verified_for_half_a_year_is_stale(db, clock, days, is_stale):
    """R85."""
    verified_on = None if days is None else TODAY - timedelta(days=days)
    with db.begin() as tx:
        number = added(tx, clock.now(), "Ana", verified_on=verified_on)
        found = queries.entry(tx, number)
        assert found is not None
        assert found.is_stale(TODAY) == is_stale
        assert queries.count(tx, Filter(stale_on=TODAY)) == is_stale


def test_nobody_by_that_number(db):
    with db.begin() as tx:
        assert queries.entry(tx, 1) is None
