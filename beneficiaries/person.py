"""What the padrón of our own tables, its PINs and its locks keep of a person (core/person.py).

Whoever receives the subsidy stays in the padrón, which is what it is paid by; of one who does not, nothing stays. A
lock in force stays as a fingerprint, or asking to be forgotten would open it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select

from beneficiaries.locks import Scope
from beneficiaries.registry import Standing
from beneficiaries.tables import beneficiary, failed_try, lock, pin
from core.person import Forgotten, Kept, Person, opened, plain, told
from core.privacy import Vault

HOLDS = frozenset(
    {
        *("beneficiary.document_sealed", "beneficiary.name_sealed", "beneficiary.birth_date_sealed"),
        *("beneficiary.phone_sealed", "beneficiary.bill_sealed", "beneficiary.redemption_sealed", "lock.reason_sealed"),
    }
)
NOBODYS: dict[str, str] = {}
_COUNTED = timedelta(hours=24)  # a try is, by locks.py
_SCOPES = {Scope.DOCUMENT: "documento", Scope.CALLER: "teléfono"}


def kept_of(tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
    """Their row of the padrón whole, the PINs that they had but for the PINs themselves, tries and locks."""
    for row in _people(tx, who):
        said = {
            "Documento": vault.open(row.document_sealed),
            "Nombre": vault.open(row.name_sealed),
            "Fecha de nacimiento": vault.open(row.birth_date_sealed),
            "Estado": plain(row.standing),
            "Teléfono": opened(vault, row.phone_sealed),
            "Recibo de energía": opened(vault, row.bill_sealed),
            "Último cobro": opened(vault, row.redemption_sealed),
        }
        yield Kept("Padrón", f"beneficiary {row.id}", row.created_at, told(said))
        for each in tx.execute(select(pin).where(pin.c.beneficiary_id == row.id).order_by(pin.c.id)):
            said = {"Motivo": plain(each.reason), "Hasta": f"{each.until:%d/%m/%Y}" if each.until else "en uso"}
            yield Kept("PIN (el PIN mismo no se puede leer)", f"pin {each.id}", each.since, said)
    for row in tx.execute(select(lock).where(_theirs(who, lock.c.scope, lock.c.value_print)).order_by(lock.c.id)):
        said = {"De su": _SCOPES[Scope(row.scope)], "Hasta": f"{row.until:%d/%m/%Y}"}
        said["Por qué se levantó"] = opened(vault, row.reason_sealed)
        yield Kept("Bloqueo en la línea del PIN", f"lock {row.id}", row.since, told(said))
    for row in tx.execute(select(failed_try).where(_theirs(who, failed_try.c.scope, failed_try.c.value_print))):
        said = {"De su": _SCOPES[Scope(row.scope)]}
        yield Kept("Intento fallido en la línea del PIN", f"failed_try {row.id}", row.at, said)


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """Nothing of it waits for anybody."""
    yield from ()


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """PINs go with their person."""
    people = _people(tx, who)
    leaving = [row.id for row in people if row.standing != Standing.ACTIVO]
    pins = tx.execute(delete(pin).where(pin.c.beneficiary_id.in_(leaving))).rowcount
    tx.execute(delete(beneficiary).where(beneficiary.c.id.in_(leaving)))
    because = "Recibe el subsidio, y el padrón es con lo que se le paga: pídalo de nuevo cuando salga de él."
    yield Forgotten("Padrón", len(leaving), len(people) - len(leaving), because)
    yield Forgotten("PIN", pins)
    is_over = func.coalesce(lock.c.lifted_at, lock.c.until) <= now
    theirs = _theirs(who, lock.c.scope, lock.c.value_print)
    locks = tx.execute(delete(lock).where(theirs, is_over)).rowcount
    in_force = len(tx.execute(select(lock.c.id).where(theirs)).all())
    yield Forgotten("Bloqueos", locks, in_force, "Siguen en vigor, sin decir de quién: se borran solos después.")
    tries = _theirs(who, failed_try.c.scope, failed_try.c.value_print)
    old = tx.execute(delete(failed_try).where(tries, failed_try.c.at <= now - _COUNTED)).rowcount
    counted = len(tx.execute(select(failed_try.c.id).where(tries)).all())
    yield Forgotten("Intentos fallidos", old, counted, "Son de las últimas 24 horas: se borran solos después.")


def _people(tx: Connection, who: Person) -> list[Row]:
    theirs = beneficiary.c.document_print.in_(who.document_prints)
    return list(tx.execute(select(beneficiary).where(theirs).order_by(beneficiary.c.id)))


def _theirs(who: Person, scope: ColumnElement, value_print: ColumnElement) -> ColumnElement[bool]:
    return or_(
        and_(scope == Scope.DOCUMENT, value_print.in_(who.document_prints)),
        and_(scope == Scope.CALLER, value_print.in_(who.phone_prints)),
    )
