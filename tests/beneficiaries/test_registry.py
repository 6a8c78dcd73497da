"""What every room may count on, whichever padrón is behind it."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import Connection

from beneficiaries.local import LocalRegistry
from beneficiaries.registry import (
    Beneficiary,
    BillTaken,
    PinReason,
    Redemption,
    Registry,
    RegistryDown,
    Standing,
    UnknownBeneficiary,
)
from beneficiaries.remote import RemoteRegistry
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.beneficiaries.builders import (
    ANA,
    ANA_WHOLE,
    ANAS_BILL,
    LUIS,
    LUIS_WHOLE,
    NOBODY,
    WHOLE_HEADING,
    bring,
    is_pin_in_force,
)
from tests.beneficiaries.elsewhere import TOKEN, Served, served

ANAS_PHONE = "+50372461935"
ANOTHER_BILL = "NIC7700001"
BORN = date(1985, 3, 21)
NAME = "Anahí O'Brien-Núñez"
BILLS, DATES, STANDINGS = (ANOTHER_BILL, "NIC7700002"), (BORN, date(1958, 3, 21)), (Standing.NO_ACTIVO, Standing.ACTIVO)
NAMES = (NAME, "Ana Mará Rivas")


@pytest.fixture
def other() -> Iterator[Served]:
    with served() as padron:
        yield padron


@pytest.fixture(params=["local", "remote"])
def registry(request: pytest.FixtureRequest, db: Database, vault: Vault, clock: FixedClock, other: Served) -> Registry:
    if request.param == "local":
        with db.begin() as tx:
            bring(tx, vault, ANA_WHOLE, LUIS_WHOLE, heading=WHOLE_HEADING)
        return LocalRegistry(vault, clock)
    return RemoteRegistry(db, vault, clock, other.url, TOKEN)


@pytest.fixture
def is_pin(registry: Registry, vault: Vault, other: Served) -> Callable[[Connection, str, str], bool]:
    """Whether this is the PIN in force, asked of where it is kept."""

    def asked(tx: Connection, document: str, pin: str) -> bool:
        if isinstance(registry, LocalRegistry):
            return is_pin_in_force(tx, vault, document, pin)
        return other.institution.pins[document][-1:] == [pin]

    return asked


def trail(tx: Connection) -> list[tuple[str, str]]:
    """What was written down of people, in order: what, and by whom."""
    query = audit.audit.select().where(audit.audit.c.subject == "beneficiary").order_by(audit.audit.c.id)
    return [(row.action, row.actor) for row in tx.execute(query)]


#: Each thing that is written of a person, twice by one act with another between: how, and what is looked at after.
WRITES = {
    "bill": (
        lambda registry, tx, which, by: registry.link_bill(tx, ANA, BILLS[which], by),
        lambda person: BILLS.index(person.bill),
        "bill.linked",
    ),
    "birth date": (
        lambda registry, tx, which, by: registry.correct_birth_date(tx, ANA, DATES[which], by),
        lambda person: DATES.index(person.birth_date),
        "birth_date.corrected",
    ),
    "name": (
        lambda registry, tx, which, by: registry.correct_name(tx, ANA, NAMES[which], by),
        lambda person: NAMES.index(person.name),
        "name.corrected",
    ),
    "standing": (
        lambda registry, tx, which, by: registry.set_standing(tx, ANA, STANDINGS[which], by),
        lambda person: STANDINGS.index(person.standing),
        "standing.set",
    ),
}
SECRETS = (ANA, ANOTHER_BILL, ANAS_BILL, BORN.isoformat(), "1985", NAME, "Anah", "NO_ACTIVO", "4819")


class TestEveryRegistry:
    def test_finds_a_person(self, registry, db):
        with db.begin() as tx:
            ana, luis = registry.find(tx, ANA), registry.find(tx, LUIS)
        redeemed = Redemption(date(2026, 11, 1), "Tienda La Ceiba")
        assert ana == Beneficiary(
            ANA, "Ana María Rivas", date(1985, 3, 12), Standing.ACTIVO, ANAS_PHONE, False, ANAS_BILL, redeemed
        )
        assert (luis.standing, luis.phone, luis.bill, luis.redemption) == (Standing.NO_ACTIVO, None, None, None)

    def test_tells_whether_this_month_was_redeemed(self, registry, db):
        with db.begin() as tx:
            ana, luis = registry.find(tx, ANA), registry.find(tx, LUIS)
        assert ana.has_redeemed(date(2026, 11, 1)) and ana.has_redeemed(date(2026, 11, 30))
        assert not ana.has_redeemed(date(2026, 12, 1)) and not luis.has_redeemed(date(2026, 11, 23))

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"document": LUIS}, [LUIS]),
            ({"phone": ANAS_PHONE}, [ANA]),
            ({"document": LUIS, "phone": ANAS_PHONE}, [LUIS, ANA]),
            ({"document": ANA, "phone": ANAS_PHONE}, [ANA]),
            ({"document": LUIS, "phone": ANAS_PHONE, "limit": 1}, [LUIS]),
            ({"document": LUIS, "limit": 0}, []),
            ({"document": NOBODY, "phone": "+50322000000"}, []),
            ({}, []),
        ],
    )
    def test_searches_by_document_and_telephone(self, asked, found, registry, db):
        with db.begin() as tx:
            assert [each.document for each in registry.search(tx, **asked)] == found
            assert all(each == registry.find(tx, each.document) for each in registry.search(tx, **asked))

    def test_finds_nobody(self, registry, db):
        with db.begin() as tx:
            assert registry.find(tx, NOBODY) is None
            assert not registry.pin_was_used(tx, NOBODY, "4819")

    def test_a_pin_is_in_force_once_set(self, registry, is_pin, db):
        with db.begin() as tx:
            assert not is_pin(tx, ANA, "4819")
            registry.set_pin(tx, ANA, "4819", PinReason.ACTIVACION, "call:CA1")
            assert registry.find(tx, ANA).has_pin and not registry.find(tx, LUIS).has_pin
            assert is_pin(tx, ANA, "4819")
            assert not is_pin(tx, ANA, "4818") and not is_pin(tx, LUIS, "4819")

    def test_the_last_three_are_remembered(self, registry, is_pin, db):
        with db.begin() as tx:
            for number, pin in enumerate(("4819", "7305", "6148", "9361")):
                registry.set_pin(tx, ANA, pin, PinReason.OLVIDO, f"call:CA{number}")
            used = {pin for pin in ("4819", "7305", "6148", "9361", "5027") if registry.pin_was_used(tx, ANA, pin)}
            assert used == {"7305", "6148", "9361"}
            assert is_pin(tx, ANA, "9361") and not is_pin(tx, ANA, "6148")

    def test_the_same_act_twice_is_one(self, registry, db):
        with db.begin() as tx:
            for pin, maker in (("4819", "call:CA1"), ("7305", "call:CA2"), ("6148", "call:CA3"), ("6148", "call:CA3")):
                registry.set_pin(tx, ANA, pin, PinReason.EXTRAVIO, maker)
            assert registry.pin_was_used(tx, ANA, "4819"), "the repeated one pushed it out of the last three"

    def test_a_late_repetition_brings_no_old_pin_back(self, registry, is_pin, db):
        with db.begin() as tx:
            for pin, maker in (("4819", "call:CA1"), ("7305", "call:CA2"), ("4819", "call:CA1")):
                registry.set_pin(tx, ANA, pin, PinReason.EXTRAVIO, maker)
            assert is_pin(tx, ANA, "7305")

    def test_nobody_gets_no_pin(self, registry, db):
        with db.begin() as tx, pytest.raises(UnknownBeneficiary):
            registry.set_pin(tx, NOBODY, "4819", PinReason.ACTIVACION, "call:CA1")

    def test_a_new_pin_is_audited_without_its_value(self, registry, db):
        with db.begin() as tx:
            registry.set_pin(tx, ANA, "4819", PinReason.OLVIDO, "call:CA1")
            last = tx.execute(audit.audit.select().order_by(audit.audit.c.id.desc()).limit(1)).one()
        assert (last.action, last.actor, last.reason) == ("pin.set", "call:CA1", "OLVIDO")
        assert not any(part in str(last) for part in ("4819", ANA))

    def test_nothing_of_a_person_can_reach_a_log(self, registry, db):
        with db.begin() as tx:
            ana = registry.find(tx, ANA)
        assert (repr(ana), repr(ana.redemption)) == ("Beneficiary()", "Redemption()")

    def test_knows_who_is_linked_on_a_bill(self, registry, db):
        with db.begin() as tx:
            assert registry.linked_to(tx, ANAS_BILL) == ANA
            assert registry.linked_to(tx, ANOTHER_BILL) is None

    def test_a_bill_that_is_linked_takes_the_place_of_the_one_before(self, registry, db):
        with db.begin() as tx:
            registry.link_bill(tx, ANA, ANOTHER_BILL, "case:1")
            assert (registry.linked_to(tx, ANOTHER_BILL), registry.linked_to(tx, ANAS_BILL)) == (ANA, None)
            registry.link_bill(tx, LUIS, ANAS_BILL, "case:2")
            assert registry.find(tx, LUIS).bill == ANAS_BILL

    def test_a_bill_of_another_person_is_theirs(self, registry, db):
        with db.begin() as tx:
            with pytest.raises(BillTaken):
                registry.link_bill(tx, LUIS, ANAS_BILL, "case:1")
            assert registry.linked_to(tx, ANAS_BILL) == ANA and registry.find(tx, LUIS).bill is None
            assert trail(tx) == []

    @pytest.mark.parametrize("what", WRITES)
    def test_one_act_said_twice_is_done_and_told_once(self, what, registry, db):
        write, look, told = WRITES[what]
        with db.begin() as tx:
            for which, by in ((0, "task:1"), (0, "task:1"), (1, "task:2"), (0, "task:1")):
                write(registry, tx, which, by)
            assert look(registry.find(tx, ANA)) == 1, "the late repetition undid what came after"
            assert trail(tx) == [(told, "task:1"), (told, "task:2")]
            write(registry, tx, 0, "task:3")
            assert look(registry.find(tx, ANA)) == 0, "who decides anew is another act"

    def test_a_name_is_kept_letter_by_letter_and_is_data(self, registry, db):
        with db.begin() as tx:
            for number, name in enumerate((NAME, "<b>Ana</b>", "'; drop table pin; --", "=1+1", "Ñ" * 120)):
                registry.correct_name(tx, ANA, name, f"correction:{number}")
                assert registry.find(tx, ANA).name == name
            assert registry.find(tx, LUIS).name == "Luis Peña"

    @pytest.mark.parametrize("what", WRITES)
    def test_of_what_was_written_the_trail_has_no_value(self, what, registry, db):
        with db.begin() as tx:
            WRITES[what][0](registry, tx, 0, "task:1")
            lines = str(tx.execute(audit.audit.select().where(audit.audit.c.subject == "beneficiary")).all())
        assert WRITES[what][2] in lines and not any(secret in lines for secret in SECRETS)

    def test_nothing_is_written_of_nobody(self, registry, db):
        writes = (
            lambda tx: registry.link_bill(tx, NOBODY, ANOTHER_BILL, "task:1"),
            lambda tx: registry.correct_birth_date(tx, NOBODY, BORN, "task:1"),
            lambda tx: registry.correct_name(tx, NOBODY, NAME, "task:1"),
            lambda tx: registry.set_standing(tx, NOBODY, Standing.ACTIVO, "task:1"),
        )
        for write in writes:
            with db.begin() as tx:
                with pytest.raises(UnknownBeneficiary):
                    write(tx)
                assert trail(tx) == []


@pytest.mark.parametrize("registry", ["remote"], indirect=True)
class TestAReplyThatWasLost:
    """It was done, and nobody heard: as with our own table, once."""

    @pytest.mark.parametrize("what", WRITES)
    def test_is_asked_for_again(self, what, registry, other, db):
        write, look, told = WRITES[what]
        other.replies_to_lose = 1
        with db.begin() as tx:
            write(registry, tx, 0, "task:1")
            assert look(registry.find(tx, ANA)) == 0
            assert trail(tx) == [(told, "task:1")] and len(other.institution.done) == 1

    @pytest.mark.parametrize("what", WRITES)
    def test_twice_is_the_padron_down_and_the_act_may_be_said_again(self, what, registry, other, db):
        write, look, told = WRITES[what]
        other.replies_to_lose = 2
        with db.begin() as tx:
            with pytest.raises(RegistryDown):
                write(registry, tx, 0, "task:1")
            assert trail(tx) == []
            write(registry, tx, 1, "task:2")
            write(registry, tx, 0, "task:1")
            assert look(registry.find(tx, ANA)) == 1
            assert trail(tx) == [(told, "task:2"), (told, "task:1")]
