"""The port to the padrón: who a person is, how they stand, and their PIN. Local table or remote registry alike."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection


class Standing(StrEnum):
    """How a person stands in the padrón (R18)."""

    ACTIVO = "ACTIVO"  # receives the subsidy
    NO_ACTIVO = "NO_ACTIVO"  # was switched off; the coordinator looks into it
    NO_GENERADO = "NO_GENERADO"  # «-1 No generado»: known, and no subsidy was ever generated


class PinReason(StrEnum):
    """Why a PIN was made (R33, §7.4 and §7.5 of the procedure)."""

    ACTIVACION = "ACTIVACION"
    OLVIDO = "OLVIDO"
    EXTRAVIO = "EXTRAVIO"
    CAMBIO_SIN_CONSENTIMIENTO = "CAMBIO_SIN_CONSENTIMIENTO"
    SUSTRACCION = "SUSTRACCION"


@dataclass(frozen=True)
class Redemption:
    """The last time that the subsidy was redeemed."""

    month: date = field(repr=False)  #: the first of it
    place: str = field(repr=False)  #: the shop; empty where nobody says


@dataclass(frozen=True)
class Beneficiary:
    """A person of the padrón. Its text form tells nothing, so that no log ever can."""

    document: str = field(repr=False)  #: upper-case letters and digits only, "000162975"
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    standing: Standing = field(repr=False)
    phone: str | None = field(repr=False)  #: E.164
    has_pin: bool = field(repr=False)  #: a PIN is in force
    bill: str | None = field(default=None, repr=False)  #: of electricity; written as a document is
    redemption: Redemption | None = field(default=None, repr=False)  #: the last one

    def has_redeemed(self, today: date) -> bool:
        """Whether this month's subsidy was redeemed (R28). ``today``: where the person is."""
        return self.redemption is not None and self.redemption.month >= today.replace(day=1)


class RegistryDown(Exception):
    """The padrón does not answer, or not as agreed."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class UnknownBeneficiary(Exception):
    """Something was to be written of a document that is not in the padrón."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class BillTaken(Exception):
    """Another person of the padrón is linked on that bill (R24, case c)."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Registry(Protocol):
    """The padrón as the rooms need it. ``document`` and ``bill``: upper-case letters and digits only.

    Every method may raise RegistryDown. ``tx`` is the caller's transaction, which the local table reads and writes in.
    A registry that is elsewhere needs none: it is asked with none open, for as long as ``patience.Patience`` lets it
    (asked.py does both).

    ``made_by`` names one act ("call:CA…", "task:31"): the same thing written again by the same act changes nothing,
    whatever was written in between. Who decides anew does so by another act.
    """

    is_elsewhere: bool  #: over a network, in another institution's system

    def find(self, tx: Connection, document: str) -> Beneficiary | None:
        """The person with this document, if there is one."""

    def search(self, tx: Connection, *, document: str = "", phone: str = "", limit: int = 20) -> list[Beneficiary]:
        """Who has this document, then whoever has this telephone (E.164; several may share one), each once (R16)."""

    def linked_to(self, tx: Connection, bill: str) -> str | None:
        """The document of whoever is linked on this bill (R24)."""

    def set_pin(self, tx: Connection, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        """Puts a PIN in force, and the one before out of it. Raises UnknownBeneficiary."""

    def pin_was_used(self, tx: Connection, document: str, pin: str) -> bool:
        """Whether it is one of the person's last three, the one in force included (requirements.md §7)."""

    def link_bill(self, tx: Connection, document: str, bill: str, made_by: str) -> None:
        """Links the bill, and unlinks the person's one before (R24, case b). Raises BillTaken, UnknownBeneficiary."""

    def correct_birth_date(self, tx: Connection, document: str, birth_date: date, made_by: str) -> None:
        """Puts the right date in the place of the one that is there (R40). Raises UnknownBeneficiary."""

    def correct_name(self, tx: Connection, document: str, name: str, made_by: str) -> None:
        """Puts the right name in the place of the one that is there (R18, type 11; R40). Raises UnknownBeneficiary."""

    def set_standing(self, tx: Connection, document: str, standing: Standing, made_by: str) -> None:
        """How the person stands from now on (consultation C12). Raises UnknownBeneficiary."""
