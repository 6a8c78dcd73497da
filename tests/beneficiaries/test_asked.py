"""The padrón as a screen or a job asks it: whichever it is, nobody holds a transaction meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import monotonic

import pytest
from sqlalchemy import text

from beneficiaries.asked import Padron
from beneficiaries.local import LocalRegistry
from beneficiaries.patience import Patience
from beneficiaries.registry import BillTaken, RegistryDown, Standing
from beneficiaries.remote import RemoteRegistry
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.beneficiaries.builders import ANA, ANA_WHOLE, ANAS_BILL, LUIS, LUIS_WHOLE, WHOLE_HEADING, bring
from tests.beneficiaries.elsewhere import TOKEN, Served, served
from tests.core.waiting import eventually

_IDLE = text("select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'")


@pytest.fixture
def other() -> Iterator[Served]:
    with served() as padron:
        yield padron


@pytest.fixture
def elsewhere(db: Database, vault: Vault, clock: FixedClock, other: Served) -> Padron:
    return Padron(db, RemoteRegistry(db, vault, clock, other.url, TOKEN), Patience(1, seconds=10))


@pytest.fixture(params=["local", "remote"])
def padron(request: pytest.FixtureRequest, db: Database, vault: Vault, clock: FixedClock) -> Padron:
    if request.param == "remote":
        found: Padron = request.getfixturevalue("elsewhere")
        return found
    with db.begin() as tx:
        bring(tx, vault, ANA_WHOLE, LUIS_WHOLE, heading=WHOLE_HEADING)
    return Padron(db, LocalRegistry(vault, clock), Patience(1))


def test_all_of_the_port_is_there(padron: Padron) -> None:
    ana = padron.find(ANA)
    assert ana is not None and padron.search(document=ANA, phone="+50372461935") == [ana]
    assert padron.linked_to(ANAS_BILL) == ANA
    with pytest.raises(BillTaken):
        padron.link_bill(LUIS, ANAS_BILL, "case:1")
    padron.link_bill(LUIS, "NIC7700001", "case:2")
    padron.correct_birth_date(LUIS, date(1972, 1, 2), "task:1")
    padron.correct_name(LUIS, "Luis Penas", "task:1")
    padron.set_standing(LUIS, Standing.ACTIVO, "task:2")
    luis = padron.find(LUIS)
    assert luis is not None
    assert (luis.bill, luis.birth_date, luis.standing) == ("NIC7700001", date(1972, 1, 2), Standing.ACTIVO)
    assert luis.name == "Luis Penas"


def test_no_transaction_is_open_while_one_elsewhere_is_asked(elsewhere: Padron, other: Served, db: Database) -> None:
    other.answers.clear()
    with ThreadPoolExecutor(1) as somebody:
        asked = somebody.submit(elsewhere.set_standing, ANA, Standing.NO_ACTIVO, "task:1")
        eventually(lambda: other.asked == ["/beneficiaries/standing"])
        with db.begin() as tx:
            assert tx.execute(_IDLE).scalar_one() == 0
        other.answers.set()
        asked.result()


def test_more_than_may_wait_are_told_at_once(elsewhere: Padron, other: Served) -> None:
    other.answers.clear()
    with ThreadPoolExecutor(1) as somebody:
        waiting = somebody.submit(elsewhere.find, ANA)
        eventually(lambda: other.asked == ["/beneficiaries/find"])
        began = monotonic()
        with pytest.raises(RegistryDown):
            elsewhere.find(LUIS)
        assert monotonic() - began < 1 and not waiting.done()
        other.answers.set()
        assert waiting.result() is not None
