"""Beside a large padrón one person is found without reading it whole."""

from sqlalchemy import text

from beneficiaries import upkeep
from beneficiaries.local import LocalRegistry
from beneficiaries.registry import Standing
from tests.beneficiaries.builders import ANA, ANA_WHOLE, ANAS_BILL, LUIS, LUIS_WHOLE, WHOLE_HEADING, bring
from tests.plans import explained

_OTHERS = text("""
    insert into beneficiary (document_print, document_sealed, name_sealed, birth_date_sealed, standing, phone_sealed,
        phone_print, bill_sealed, bill_print, created_at, updated_at)
    select sha256(n::text::bytea), '', '', '', 'ACTIVO', '', sha256((n / 2)::text::bytea), '', sha256(n::text::bytea),
        :now, :now
    from generate_series(1, 30000) n
""")
_KNOWN = ("beneficiary", "pin", "padron_act")


def test_nothing_that_is_asked_of_it_reads_it_whole(db, vault, clock):
    registry = LocalRegistry(vault, clock)
    with db.begin() as tx:
        bring(tx, vault, ANA_WHOLE, LUIS_WHOLE, heading=WHOLE_HEADING)
        tx.execute(_OTHERS, {"now": clock.now()})
        for table in _KNOWN:
            tx.execute(text(f"analyze {table}"))
    with explained(db) as plans:
        with db.begin() as tx:
            assert len(registry.search(tx, document=LUIS, phone="+50372461935")) == 2
            assert len(registry.search(tx, phone="+50372461935")) == 1
            assert registry.find(tx, ANA) is not None and registry.linked_to(tx, ANAS_BILL) == ANA
            registry.link_bill(tx, LUIS, "NIC7700001", "case:1")
            registry.set_standing(tx, LUIS, Standing.ACTIVO, "case:1")
        upkeep.tend(db, vault, clock)
    assert "beneficiary" in plans.large and len(plans.asked) > 10
    assert plans.read_whole == []
