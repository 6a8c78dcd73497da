"""Two at once write to our own padrón."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from beneficiaries.local import LocalRegistry
from beneficiaries.registry import BillTaken, Standing
from core import audit
from tests.beneficiaries.builders import ANA, ANA_ROW, ANA_WHOLE, LUIS, LUIS_ROW, WHOLE_HEADING, bring

BILL = "NIC7700001"


def at_once(*acts: Callable[[], str]) -> list[str]:
    begin = Barrier(len(acts))

    def act(done: Callable[[], str]) -> str:
        begin.wait()
        return done()

    with ThreadPoolExecutor(len(acts)) as people:
        return sorted(people.map(act, acts))


def test_one_of_two_is_linked_on_a_bill(db, vault, clock):
    registry = LocalRegistry(vault, clock)
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW, LUIS_ROW)

    def linking(document: str) -> Callable[[], str]:
        def act() -> str:
            try:
                with db.begin() as tx:
                    registry.link_bill(tx, document, BILL, f"case:{document}")
            except BillTaken:
                return "taken"
            return "linked"

        return act

    assert at_once(linking(ANA), linking(LUIS)) == ["linked", "taken"]


def test_one_act_said_by_four_is_one(db, vault, clock):
    registry = LocalRegistry(vault, clock)
    with db.begin() as tx:
        bring(tx, vault, ANA_ROW)

    def act() -> str:
        with db.begin() as tx:
            registry.set_standing(tx, ANA, Standing.NO_ACTIVO, "task:1")
        return ""

    at_once(act, act, act, act)
    with db.begin() as tx:
        told = select(func.count()).where(audit.audit.c.action == "standing.set")
        assert tx.execute(told).scalar_one() == 1


def test_a_padron_comes_in_while_somebody_is_linked(db, vault, clock):
    """Each would hold what the other waits for: the one a person, the other a bill."""
    registry = LocalRegistry(vault, clock)
    rows = (ANA_WHOLE.replace("nic 1204567", BILL), f"{LUIS_ROW};;;")

    def importing() -> str:
        with db.begin() as tx:
            bring(tx, vault, *rows, heading=WHOLE_HEADING)
        return "imported"

    def linking() -> str:
        with db.begin() as tx:
            try:
                registry.link_bill(tx, LUIS, BILL, "case:1")
            except BillTaken:
                return "taken"
        return "linked"

    with db.begin() as tx:
        bring(tx, vault, ANA_ROW, LUIS_ROW)
    assert at_once(importing, linking)[0] == "imported"
    with db.begin() as tx:
        assert registry.linked_to(tx, BILL) == ANA, "the file comes after, or the link is refused"
