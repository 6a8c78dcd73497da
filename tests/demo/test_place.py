"""The demo never touches what people use."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from beneficiaries.imports import import_padron
from campaigns.life import NotAllowed
from campaigns.submission import submit
from console.accounts import add_account
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from demo.invent import citizen, formato
from demo.place import ACTOR, EMAIL, data_dir, refuse_somebody_elses
from tests.beneficiaries.builders import ANA_ROW, csv
from tests.campaigns.builders import LINES

PASSWORD = "una frase larga de prueba"


def add(tx: Connection, clock: FixedClock, email: str) -> None:
    add_account(tx, clock.now(), email, Role.ADMIN, PASSWORD, actor="test")


@pytest.fixture
def after_a_demo(db: Database, vault: Vault, clock: FixedClock) -> Database:
    """A database as a demo leaves it, where its user handed in a list on the screens too."""
    with db.begin() as tx:
        add(tx, clock, EMAIL)
        import_padron(tx, vault, clock.now(), csv(ANA_ROW), ACTOR)
    for n, actor in enumerate((ACTOR, EMAIL)):
        submit(db, vault, clock, LINES, actor, "lista.csv", formato([citizen(n)]))
    return db


@pytest.mark.parametrize("given", [{}, {"DATA_DIR": ""}])
def test_it_has_a_directory_of_its_own(given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dir(given) == tmp_path / "var" / "demo"


def test_it_goes_where_it_is_sent(tmp_path: Path) -> None:
    assert data_dir({"DATA_DIR": str(tmp_path)}) == tmp_path


@pytest.mark.parametrize("fresh", [True, False])
def test_on_its_own_data_it_may_go_on_or_start_over(after_a_demo: Database, fresh: bool) -> None:
    refuse_somebody_elses(after_a_demo.url, fresh=fresh)


@pytest.mark.parametrize("fresh", [True, False])
def test_an_empty_database_is_anybodys(db: Database, fresh: bool) -> None:
    refuse_somebody_elses(db.url, fresh=fresh)


def somebodys_account(db: Database, vault: Vault, clock: FixedClock) -> None:
    with db.begin() as tx:
        add(tx, clock, "ana@subsidios.example")


def somebodys_campaign(db: Database, vault: Vault, clock: FixedClock) -> None:
    submit(db, vault, clock, LINES, "cli:ana", "lista.csv", formato([citizen(7)]))


def somebodys_padron(db: Database, vault: Vault, clock: FixedClock) -> None:
    with db.begin() as tx:
        import_padron(tx, vault, clock.now(), csv(ANA_ROW), "cli:ana")


SOMEBODYS = pytest.mark.parametrize("brings", [somebodys_account, somebodys_campaign, somebodys_padron])


@SOMEBODYS
def test_what_somebody_brought_after_a_demo_is_not_wiped_out(after_a_demo, vault, clock, brings) -> None:
    brings(after_a_demo, vault, clock)
    with pytest.raises(NotAllowed, match="DATA_DIR"):
        refuse_somebody_elses(after_a_demo.url, fresh=True)
    refuse_somebody_elses(after_a_demo.url, fresh=False)


@SOMEBODYS
def test_an_installation_is_left_alone_whatever_was_asked(db, vault, clock, brings) -> None:
    brings(db, vault, clock)
    with pytest.raises(NotAllowed, match="borre la carpeta var/demo"):
        refuse_somebody_elses(db.url, fresh=True, is_own_place=True)
    for fresh in (True, False):
        with pytest.raises(NotAllowed, match="DATA_DIR"):
            refuse_somebody_elses(db.url, fresh=fresh)
