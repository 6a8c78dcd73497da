"""The padrón in our own tables."""

from datetime import date

from sqlalchemy import Connection

from beneficiaries import queries
from beneficiaries.hashing import hash_pin, is_hash_of
from beneficiaries.registry import Beneficiary, PinReason, Standing, UnknownBeneficiary
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
        if row is None:
            return None
        reveal = self._vault.open
        return Beneficiary(
            document=document,
            name=reveal(row.name_sealed),
            birth_date=date.fromisoformat(reveal(row.birth_date_sealed)),
            standing=Standing(row.standing),
            phone=reveal(row.phone_sealed) if row.phone_sealed else None,
            has_pin=row.has_pin,
        )

    def set_pin(self, tx: Connection, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        beneficiary_id = queries.hold_beneficiary(tx, self._print(document))
        if beneficiary_id is None:
            raise UnknownBeneficiary
        current = queries.pin_in_force(tx, beneficiary_id)
        if current and current.made_by == made_by and is_hash_of(self._vault, current.hash, pin):
            return
        now = self._clock.now()
        queries.replace_pin(tx, beneficiary_id, hash_pin(self._vault, pin), now, reason, made_by)
        audit.record(tx, now, made_by, "pin.set", "beneficiary", beneficiary_id, reason=reason.value)

    def pin_was_used(self, tx: Connection, document: str, pin: str) -> bool:
        hashes = queries.latest_hashes(tx, self._print(document), REMEMBERED)
        return any(is_hash_of(self._vault, hashed, pin) for hashed in hashes)

    def _print(self, document: str) -> bytes:
        return self._vault.fingerprint("document", document)
