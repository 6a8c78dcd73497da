"""A short drill and a short load on real processes, as the long ones are run by hand (docs/drill.md)."""

import os
import socket
from pathlib import Path

import pytest

from core.database import Database
from drill import rehearsal
from drill.figures import Figures, percentile
from drill.house import House
from drill.load import Load
from drill.plan import FAULTS, Crew, waves
from drill.run import Drill
from drill.solitude import LONGEST_ALONE
from settings import SettingsError
from tests.ports import free_port

CALLS, SEED = 6, 6


def two_free_ports() -> int:
    """The first of two that are free."""
    while True:
        port = free_port()
        with socket.socket() as next_one:
            if next_one.connect_ex(("127.0.0.1", port + 1)):
                return port


@pytest.mark.slow(40, timed=True)
@pytest.mark.timeout(480)
def test_nobody_is_left_alone_whatever_goes_wrong(
    db: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services that fail, callers and operators who drop, late and doubled callbacks, and a web process killed."""
    # Services that hang up are rung again and again; other tests have the cores too.
    monkeypatch.setattr(rehearsal, "UNTIL_CONNECTED", 240.0)
    faults = frozenset(FAULTS) - {"nadie"}
    place = tmp_path / "drill"
    drill = Drill(os.environ, "linea131", CALLS, CALLS, SEED, faults, two_free_ports(), place=place, url=database_url)
    (wave,) = waves(CALLS, CALLS, 4, faults, SEED)
    assert wave.crew is Crew.DESK
    assert sum(1 for call in wave.calls if call.wrong()) >= CALLS - 2
    drill.rehearse()
    told = [fault for report in drill.reports for fault in report.faults]
    assert [fault for fault in told if not fault.startswith("sola ")] == []
    # Twice what the drill itself allows: other tests have the cores too, and the web has been killed.
    assert [report.gaps.alone for report in drill.reports if report.gaps.alone > 2 * LONGEST_ALONE] == []
    assert all(report.answered is not None for report in drill.reports)
    assert all(service.connected for report in drill.reports for service in report.services.values())
    assert {len(report.services) for report in drill.reports} == {2}
    assert drill.kills >= 1


@pytest.mark.slow(40, timed=True)
@pytest.mark.timeout(420)
def test_the_desk_shows_what_happens_within_a_second(db: Database, database_url: str, tmp_path: Path) -> None:
    """A short form: half of what happens, as other tests have the cores too. ``make bench-desk`` asks for 95 of 100."""
    figures = load(tmp_path, database_url)
    assert (figures.talking, figures.waiting) == (5, 3)
    assert {name: len(seconds) for name, seconds in figures.measures.items() if "→" in name} == {
        "entra a la cola → supervisión": 8,
        "contestan → supervisión": 5,
        "contestan → su propio puesto": 5,
    }
    shown = [seconds for name, seconds in figures.measures.items() if "→" in name]
    assert [percentile(seconds, 0.5) < 1.0 for seconds in shown] == [True] * 3


def load(place: Path, url: str) -> Figures:
    return Load(House(os.environ, place, two_free_ports(), url), pairs=5, waiting=3, pages=5, hold=3).run()


def test_it_touches_nothing_in_a_directory_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret_key.txt").write_text("somebody's")
    with pytest.raises(SettingsError, match="no es de un ensayo"):
        House(os.environ, tmp_path, 1).open({})
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key.txt"]
