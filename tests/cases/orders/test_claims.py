"""Claims that a call of the system took: each waits for a person, who alone makes an order of it (R29, R46)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cases.orders import claims, orders, theft
from cases.orders.claims import NoSuchClaim
from cases.problem import TextMissing
from cases.tables import claim, work_order
from core import audit
from tests.saying import tables_saying

DUI, PHONE = "000162975", "+50371112222"
ANA = "ana@ejemplo.gob.sv"


@pytest.fixture
def noted(db, vault, clock):
    def note(attempt_id: int = 1, document: str | None = DUI) -> int | None:
        with db.begin() as tx:
            when = clock.now()
            return claims.note_claim(tx, vault, when, attempt_id=attempt_id, line="dgs", document=document, phone=PHONE)

    return note


@pytest.fixture
def waiting(db, vault):
    def seen(hidden=()):
        with db.begin() as tx:
            return claims.waiting_claims(tx, vault, hidden)

    return seen


def open_orders(db) -> int:
    with db.begin() as tx:
        return tx.execute(select(func.count()).select_from(work_order)).scalar_one()


def test_a_claim_waits_masked_and_opens_no_order(db, noted, waiting):
    noted()
    (claim,) = waiting()
    assert (claim.document, claim.phone, claim.has_document) == ("00•••••-•", "+503 ••••-••22", True)
    assert open_orders(db) == 0
    assert waiting({"dgs"}) == []


def test_told_twice_it_is_one(noted, waiting):
    assert noted() is not None
    assert noted() is None  # the webhook again
    assert noted(2) is None  # the same person on another call
    assert len(waiting()) == 1


def test_a_person_confirms_it_and_then_there_is_an_order(db, vault, clock, noted, waiting):
    claim_id = noted()
    with db.begin() as tx, pytest.raises(TextMissing):
        theft.confirm(tx, vault, clock.now(), claim_id, ANA, "  ")
    assert open_orders(db) == 0
    with db.begin() as tx:
        theft.confirm(tx, vault, clock.now(), claim_id, ANA, "no cobró noviembre")
    with db.begin() as tx:
        assert orders.has_open_order(tx, vault, DUI)
    assert waiting() == []
    with db.begin() as tx, pytest.raises(NoSuchClaim):
        theft.confirm(tx, vault, clock.now(), claim_id, ANA, "otra vez")
    assert open_orders(db) == 1
    assert noted(3) is not None  # another month they may claim anew


def test_it_is_discarded_with_a_reason(db, vault, clock, noted, waiting):
    claim_id = noted()
    with db.begin() as tx, pytest.raises(TextMissing):
        claims.discard(tx, vault, clock.now(), claim_id, ANA, "")
    with db.begin() as tx:
        claims.discard(tx, vault, clock.now(), claim_id, ANA, "sí lo cobró su hija Inés")
    with db.begin() as tx:  # what people write stays out of the trail, which nobody can erase
        line = audit.history(tx, "claim", claim_id)[0]
    assert (line["action"], line["actor"], line["reason"]) == ("claim.discarded", ANA, None)
    assert line["facts"] == {"has_reason": True}
    assert waiting() == []
    assert open_orders(db) == 0
    with db.begin() as tx:
        (told,) = claims.discarded_claims(tx, vault)
        assert claims.discarded_claims(tx, vault, {"dgs"}) == []
        assert tables_saying(tx, "Inés") == []
    assert (told.by, told.at, told.reason) == (ANA, clock.now(), "sí lo cobró su hija Inés")
    assert (told.claim.document, told.claim.phone) == ("00•••••-•", "+503 ••••-••22")
    assert "Inés" not in repr(told)


def test_a_discarded_one_of_before_reasons_were_kept_is_told_without_one(db, vault, clock, noted):
    claim_id = noted()
    with db.begin() as tx:
        claims.discard(tx, vault, clock.now(), claim_id, ANA, "sí lo cobró")
        tx.execute(update(claim).values(reason_sealed=None))
        assert [each.reason for each in claims.discarded_claims(tx, vault)] == [""]


def test_one_that_was_decided_goes_whole_after_its_term_and_one_that_waits_stays(db, vault, clock, noted, waiting):
    first = noted(1)
    with db.begin() as tx:
        claims.discard(tx, vault, clock.now(), first, ANA, "sí lo cobró su hija")
    second = noted(2)
    with db.begin() as tx:
        theft.confirm(tx, vault, clock.now(), second, ANA, "no cobró noviembre")
    noted(3)

    def erased(before, most=10) -> int:
        with db.begin() as tx:
            return claims.erase_old(tx, before, most)

    assert erased(clock.now() - timedelta(seconds=1)) == 0
    assert [erased(clock.now(), 1) for _ in range(3)] == [1, 1, 0]
    assert len(waiting()) == 1
    assert open_orders(db) == 1
    with db.begin() as tx:
        assert claims.discarded_claims(tx, vault) == []


def test_an_order_opened_in_another_way_settles_it(db, vault, clock, noted, waiting):
    noted()
    with db.begin() as tx:
        orders.open_order(tx, vault, clock.now(), DUI, ANA, "llamó por su cuenta")
    assert waiting() == []
    noted(2)
    with db.begin() as tx:  # theirs is open still
        orders.open_order(tx, vault, clock.now(), DUI, ANA, "volvió a llamar")
    assert waiting() == []
    assert open_orders(db) == 1


def test_without_a_document_it_can_only_be_discarded(db, vault, clock, noted, waiting):
    claim_id = noted(document=None)
    assert [(claim.document, claim.has_document) for claim in waiting()] == [("—", False)]
    with db.begin() as tx, pytest.raises(NoSuchClaim):
        theft.confirm(tx, vault, clock.now(), claim_id, ANA, "no cobró")
