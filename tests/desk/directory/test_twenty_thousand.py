"""A directory of 20,000 people: brought in within seconds, answered within the time of a breath."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection

from desk.directory import queries
from desk.directory.imports import import_directory
from desk.directory.spelling import keyed
from tests.desk.directory.builders import LINE, TODAY, names

PEOPLE = 20_000
QUESTIONS = ("22", "262", "26207", "42742", "262627425673968639", "62639068669", "5673042742094934", "232")


@pytest.fixture
def brought(db, clock) -> float:
    """Seconds that it took."""
    people = names(PEOPLE)
    rows = [f"{name};Unidad {n % 97};Cargo {n % 31};{10000 + n};72222{n:05};;;;" for n, name in enumerate(people)]
    data = "\r\n".join(["nombre;unidad;cargo;extension;telefono;correo;categoria;notas;verificado", *rows]).encode()
    before = time.perf_counter()
    with db.begin() as tx:
        done = import_directory(tx, clock.now(), "ana", LINE, "MX", data, today=TODAY)
    took = time.perf_counter() - before
    assert done.added == PEOPLE
    with db.begin() as tx:
        tx.exec_driver_sql("analyze directory_entry, directory_key")
    return took


def fastest(tx: Connection, ask: Callable[[Connection], object]) -> float:
    """Milliseconds of the fastest of five: the machine may be busy with other things."""
    times = []
    for _ in range(5):
        before = time.perf_counter()
        ask(tx)
        times.append(time.perf_counter() - before)
    return 1000 * min(times)


def test_it_is_brought_in_and_asked(db, brought):
    assert brought < 90  # alone: 5; a machine shared with others may stand still
    slow = {}
    with db.begin() as tx:
        for keys in (*QUESTIONS, "".join(keyed(names(PEOPLE)[19_000]))):
            slow[keys] = fastest(tx, partial(queries.spelt, line=LINE, keys=keys))
        for words in ("garcia", "munoz lucia", "141", "cargo 3 unidad 9", "a", "7222215"):
            slow[words] = fastest(tx, partial(queries.search, line=None, words=words))
            slow[words + " in a line"] = fastest(tx, partial(queries.search, line=LINE, words=words))
        slow["at an extension"] = fastest(tx, lambda tx: queries.by_extension(tx, LINE, "15000"))
        slow["the last page"] = fastest(tx, lambda tx: queries.search(tx, LINE, "", offset=PEOPLE - 50))
    assert {question: took for question, took in slow.items() if took > 150} == {}  # alone: 30 at most
