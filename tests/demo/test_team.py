"""The people of the demo's desk: README's own path leads to somebody who is given its calls."""

from assembly import Parts
from beneficiaries.imports import import_padron
from core.clock import FixedClock
from core.database import Database
from demo.run import PADRON, somebody_to_be
from demo.team import fill
from desk import presence

A_PASSWORD = "una frase larga"


def test_its_operators_are_given_the_calls_of_the_pin_line(db: Database, clock: FixedClock, parts: Parts) -> None:
    with db.begin() as tx:
        fill(tx, clock.now(), A_PASSWORD)
        rosa, luz = [row for row in presence.everyone(tx) if row.skills]
        queue = parts.world.desk.lines["dgs"].queue("pin")
        assert queue.skills and all(queue.skills <= set(row.skills) for row in (rosa, luz))

        presence.set_skills(tx, rosa.account_id, ["JURIDICA"])
        fill(tx, clock.now(), A_PASSWORD)  # the demo run again
        assert {tuple(row.skills) for row in presence.everyone(tx)} == {("JURIDICA",), ("PIN",)}


def test_who_is_printed_has_a_bill_a_redemption_and_no_pin(db: Database, clock: FixedClock, parts: Parts) -> None:
    with db.begin() as tx:
        import_padron(tx, parts.vault, clock.now(), PADRON.read_bytes(), "test")
        document, born = somebody_to_be(tx, parts)
        person = parts.world.registry.find(tx, document.replace("-", ""))
    assert person is not None and person.bill and person.redemption and not person.has_pin
    assert born == f"{person.birth_date:%d%m%Y}"
