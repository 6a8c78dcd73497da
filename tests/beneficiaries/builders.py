"""Invented people for the tests of this room."""

from datetime import datetime

from sqlalchemy import Connection

from beneficiaries import locks, queries
from beneficiaries.hashing import is_hash_of
from beneficiaries.imports import ImportReport, import_padron
from core.privacy import Vault

ANA = "000162975"
LUIS = "045678903"
NOBODY = "010101014"

ANAS_BILL = "NIC1204567"

HEADING = "documento;nombre;fecha_nacimiento;estado;telefono"
WHOLE_HEADING = f"{HEADING};recibo;ultimo_cobro;lugar_cobro"
ANA_ROW = "00016297-5;Ana María Rivas;12/03/1985;ACTIVO;7246-1935"
LUIS_ROW = "04567890-3;Luis Peña;1971-11-30;NO_ACTIVO;"
ANA_WHOLE = f"{ANA_ROW};nic 1204567;11/2026;Tienda La Ceiba"
LUIS_WHOLE = f"{LUIS_ROW};;;"
NOW = datetime.fromisoformat("2026-11-23T10:00:00-06:00")


def csv(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join((heading, *rows, "")).encode()


def bring(tx: Connection, vault: Vault, *rows: str, now: datetime = NOW, heading: str = HEADING) -> ImportReport:
    return import_padron(tx, vault, now, csv(*rows, heading=heading), "test")


def fail(
    tx: Connection,
    vault: Vault,
    now: datetime,
    document: str | None = None,
    caller: str | None = None,
    limits: locks.Limits = locks.Limits(),  # noqa: B008 - frozen
) -> None:
    """A try that is wrong."""
    locks.count_try(tx, vault, now, document, caller, limits)
    locks.note_failure(tx, vault, now, document, caller, limits)


def is_locked(
    tx: Connection, vault: Vault, now: datetime, document: str | None = None, caller: str | None = None
) -> bool:
    """Whether even a try that is right would not pass."""
    tried = locks.count_try(tx, vault, now, document, caller)
    locks.take_back(tx, vault, tried, document, caller)
    return not tried.may_pass


def is_pin_in_force(tx: Connection, vault: Vault, document: str, pin: str) -> bool:
    """Whether this is the PIN with which the person's subsidy could be redeemed now, by the local table."""
    hashes = queries.latest_hashes(tx, vault.fingerprint("document", document), 1)
    return any(is_hash_of(vault, hashed, pin) for hashed in hashes)
