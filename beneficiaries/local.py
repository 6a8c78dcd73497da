"""The padrón in our own tables."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from beneficiaries import acts, queries
from beneficiaries.hashing import hash_pin, is_hash_of
from beneficiaries.registry import Beneficiary, BillTaken, PinReason, Redemption, Standing, UnknownBeneficiary
from core import audit
from core.clock import Clock
from core.privacy import Vault

REMEMBERED = 3  # PINs that may not come again


class LocalRegistry:
    """Registry over the tables ``beneficiary`` and ``pin``."""

    is_elsewhere = False

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def find(self, tx: Connection, document: str) -> Beneficiary | None:
        row = queries.beneficiary_with(tx, self._print(document))
        return self._opened(row) if row else None

    def search(self, tx: Connection, *, document: str = "", phone: str = "", limit: int = 20) -> list[Beneficiary]:
        document_print = self._print(document) if document else None
        phone_print = self._vault.fingerprint("phone", phone) if phone else None
        found = [
            self._opened(row) for row in queries.beneficiaries_with(tx, document_print, phone_print, max(limit, 0))
        ]
        # A version that kept no prints of telephones may have written another one meanwhile.
        return [each for each in found if document == each.document or (phone and phone == each.phone)]

    def linked_to(self, tx: Connection, bill: str) -> str | None:
        sealed = queries.holder_of(tx, self._vault.fingerprint("bill", bill))
        return self._vault.open(sealed) if sealed else None

    def set_pin(self, tx: Connection, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        beneficiary_id = self._held(tx, document)
        if any(is_hash_of(self._vault, each, pin) for each in queries.hashes_made_by(tx, beneficiary_id, made_by)):
            return
        now = self._clock.now()
        queries.replace_pin(tx, beneficiary_id, hash_pin(self._vault, pin), now, reason, made_by)
        audit.record(tx, now, made_by, "pin.set", "beneficiary", beneficiary_id, reason=reason.value)

    def pin_was_used(self, tx: Connection, document: str, pin: str) -> bool:
        hashes = queries.latest_hashes(tx, self._print(document), REMEMBERED)
        return any(is_hash_of(self._vault, hashed, pin) for hashed in hashes)

    def link_bill(self, tx: Connection, document: str, bill: str, made_by: str) -> None:
        values = {"bill_sealed": self._vault.seal(bill), "bill_print": self._vault.fingerprint("bill", bill)}
        queries.wait_for_bills(tx, imports=False)
        try:
            with tx.begin_nested():  # of a bill that is taken nothing stays, the act neither
                self._change(tx, "bill.linked", (document, bill, made_by), values)
        except IntegrityError:
            raise BillTaken from None

    def correct_birth_date(self, tx: Connection, document: str, birth_date: date, made_by: str) -> None:
        born = birth_date.isoformat()
        self._change(
            tx, "birth_date.corrected", (document, born, made_by), {"birth_date_sealed": self._vault.seal(born)}
        )

    def correct_name(self, tx: Connection, document: str, name: str, made_by: str) -> None:
        self._change(tx, "name.corrected", (document, name, made_by), {"name_sealed": self._vault.seal(name)})

    def set_standing(self, tx: Connection, document: str, standing: Standing, made_by: str) -> None:
        self._change(tx, "standing.set", (document, standing.value, made_by), {"standing": standing.value})

    def _change(self, tx: Connection, what: str, act: tuple[str, str, str], values: Mapping[str, object]) -> None:
        """``act``: the document, what is written of it, and by which act. Raises UnknownBeneficiary."""
        document, _, made_by = act
        beneficiary_id, now = self._held(tx, document), self._clock.now()
        if acts.is_first(tx, now, acts.print_of(self._vault, what, *act)):
            queries.change(tx, beneficiary_id, now, values)
            audit.record(tx, now, made_by, what, "beneficiary", beneficiary_id)

    def _held(self, tx: Connection, document: str) -> int:
        beneficiary_id = queries.hold_beneficiary(tx, self._print(document))
        if beneficiary_id is None:
            raise UnknownBeneficiary
        return beneficiary_id

    def _opened(self, row: Row) -> Beneficiary:
        reveal = self._vault.open
        return Beneficiary(
            document=reveal(row.document_sealed),
            name=reveal(row.name_sealed),
            birth_date=date.fromisoformat(reveal(row.birth_date_sealed)),
            standing=Standing(row.standing),
            phone=reveal(row.phone_sealed) if row.phone_sealed else None,
            has_pin=row.has_pin,
            bill=reveal(row.bill_sealed) if row.bill_sealed else None,
            redemption=_redemption(reveal(row.redemption_sealed)) if row.redemption_sealed else None,
        )

    def _print(self, document: str) -> bytes:
        return self._vault.fingerprint("document", document)


def written(redemption: Redemption) -> str:
    """As it is kept, sealed."""
    return f"{redemption.month:%Y-%m} {redemption.place}"


def _redemption(kept: str) -> Redemption:
    month, _, place = kept.partition(" ")
    return Redemption(date.fromisoformat(f"{month}-01"), place)
