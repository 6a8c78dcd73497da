"""The padrón in another institution's system (GLPWEBV2), over HTTP. The contract is docs/registry-api.md."""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection

from beneficiaries import acts
from beneficiaries.patience import SECONDS
from beneficiaries.registry import (
    Beneficiary,
    BillTaken,
    PinReason,
    Redemption,
    RegistryDown,
    Standing,
    UnknownBeneficiary,
)
from beneficiaries.wire import Wire
from core import audit
from core.clock import Clock
from core.database import Database
from core.documents import normal_form
from core.phones import looks_like_caller_id
from core.privacy import Vault

T = TypeVar("T")


class RemoteRegistry:
    """Registry over HTTP. Whatever goes wrong, a late or a strange answer too, is RegistryDown.

    What was written goes into the audit trail as soon as it is known, in a transaction of its own: whoever asked may
    have hung up, or given up waiting.
    """

    is_elsewhere = True

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, url: str, token: str, seconds: float = SECONDS
    ) -> None:
        """``url``: where the contract's paths begin. ``seconds``: for each question, all in all.

        Raises ValueError unless the address is https, or http on loopback.
        """
        self._wire = Wire(url, token, seconds)
        self._db = db
        self._vault = vault
        self._clock = clock

    def find(self, tx: Connection | None, document: str) -> Beneficiary | None:
        found = _member(self._wire.ask("/beneficiaries/find", {"document": document}), "beneficiary")
        return None if found is None else _beneficiary(found, document)

    def search(
        self, tx: Connection | None, *, document: str = "", phone: str = "", limit: int = 20
    ) -> list[Beneficiary]:
        if limit < 1 or not (document or phone):
            return []
        asked = {"document": document or None, "phone": phone or None, "limit": limit}
        found = _member(self._wire.ask("/beneficiaries/search", asked), "beneficiaries")
        if not isinstance(found, list):
            raise RegistryDown
        people = [_beneficiary(each) for each in found[:limit]]
        if not all((document and each.document == document) or (phone and each.phone == phone) for each in people):
            raise RegistryDown  # somebody who was not asked for
        return people

    def linked_to(self, tx: Connection | None, bill: str) -> str | None:
        document = _member(self._wire.ask("/bills/find", {"bill": bill}), "document")
        if document is not None and not _is_normal(document):
            raise RegistryDown
        return document

    def set_pin(self, tx: Connection | None, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        body = {"document": document, "pin": pin, "reason": reason.value, "made_by": made_by}
        self._tell("/pins/set", body, acts.print_of(self._vault, "set_pin", document, pin, made_by))
        self._record("pin.set", body, reason=reason.value)

    def pin_was_used(self, tx: Connection | None, document: str, pin: str) -> bool:
        used = self._wire.ask("/pins/check", {"document": document, "pin": pin}).get("used")
        if not isinstance(used, bool):
            raise RegistryDown
        return used

    def link_bill(self, tx: Connection | None, document: str, bill: str, made_by: str) -> None:
        self._change("/bills/link", "bill.linked", {"document": document, "bill": bill, "made_by": made_by})

    def correct_birth_date(self, tx: Connection | None, document: str, birth_date: date, made_by: str) -> None:
        told = {"document": document, "birth_date": birth_date.isoformat(), "made_by": made_by}
        self._change("/beneficiaries/birth-date", "birth_date.corrected", told)

    def correct_name(self, tx: Connection | None, document: str, name: str, made_by: str) -> None:
        told = {"document": document, "name": name, "made_by": made_by}
        self._change("/beneficiaries/name", "name.corrected", told)

    def set_standing(self, tx: Connection | None, document: str, standing: Standing, made_by: str) -> None:
        told = {"document": document, "standing": standing.value, "made_by": made_by}
        self._change("/beneficiaries/standing", "standing.set", told)

    def _change(self, path: str, what: str, body: dict[str, str]) -> None:
        act = acts.print_of(self._vault, what, *body.values())
        self._tell(path, body, act)
        self._record(what, body, act)

    def _tell(self, path: str, body: dict[str, str], act: bytes) -> None:
        result = self._wire.tell(path, body, act.hex()).get("result")
        if result == "unknown":
            raise UnknownBeneficiary
        if result == "taken" and "bill" in body:
            raise BillTaken
        if result != "set":
            raise RegistryDown

    def _record(self, what: str, body: dict[str, str], act: bytes | None = None, reason: str | None = None) -> None:
        """``act``: written down once, however often it is said; no print of a PIN is kept."""
        subject, now = self._vault.fingerprint("document", body["document"]).hex(), self._clock.now()
        with self._db.begin() as own:
            if act is None or acts.is_first(own, now, act):
                audit.record(own, now, body["made_by"], what, "beneficiary", subject, reason)


def _member(answer: dict, name: str) -> Any:
    if name not in answer:
        raise RegistryDown
    return answer[name]


def _beneficiary(found: object, document: str | None = None) -> Beneficiary:
    """``document``: whose it must be."""
    try:
        if not isinstance(found, dict) or not _is_normal(found["document"]):
            raise RegistryDown
        if document is not None and found["document"] != document:
            raise RegistryDown
        return Beneficiary(
            document=found["document"],
            name=_typed(found["name"], str),
            birth_date=date.fromisoformat(found["birth_date"]),
            standing=Standing(found["standing"]),
            phone=looks_like_caller_id(_typed(found["phone"] or "", str)),  # None where no message could be sent
            has_pin=_typed(found["has_pin"], bool),
            bill=normal_form(_typed(found.get("bill") or "", str)) or None,
            redemption=_redemption(found.get("redemption")),
        )
    except (KeyError, TypeError, ValueError):
        raise RegistryDown from None


def _redemption(found: object) -> Redemption | None:
    if found is None:
        return None
    told = _typed(found, dict)
    month = date.fromisoformat(f"{_typed(told['month'], str)}-01")
    return Redemption(month, _typed(told.get("place") or "", str))


def _is_normal(document: object) -> bool:
    return isinstance(document, str) and document != "" and document == normal_form(document)


def _typed(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError
    return value
