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
class Beneficiary:
    """A person of the padrón. Its text form tells nothing, so that no log ever can."""

    document: str = field(repr=False)  #: upper-case letters and digits only, "000162975"
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    standing: Standing = field(repr=False)
    phone: str | None = field(repr=False)  #: E.164
    has_pin: bool = field(repr=False)  #: a PIN is in force


class RegistryDown(Exception):
    """The padrón does not answer, or not as agreed."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class UnknownBeneficiary(Exception):
    """A PIN was set for a document that is not in the padrón."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Registry(Protocol):
    """The padrón as a conversation needs it. ``document``: upper-case letters and digits only.

    Every method may raise RegistryDown. ``tx`` is the caller's transaction, which the local table reads and writes in.
    A registry that is elsewhere needs none: it is asked with none open, for as long as ``patience.Patience`` lets it.
    """

    is_elsewhere: bool  #: over a network, in another institution's system

    def find(self, tx: Connection, document: str) -> Beneficiary | None:
        """The person with this document, if there is one."""

    def set_pin(self, tx: Connection, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        """Puts a PIN in force, and the one before out of it. Raises UnknownBeneficiary.

        ``made_by`` says which act this is ("call:CA…"): the same PIN set again by the same maker changes nothing.
        """

    def pin_was_used(self, tx: Connection, document: str, pin: str) -> bool:
        """Whether it is one of the person's last three, the one in force included (requirements.md §7)."""
