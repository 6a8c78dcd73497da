"""A program's token: made and shown once, known by its keyed hash, looked for at every request, taken back at once."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from api.tables import api_token
from core import audit
from core.privacy import Vault

PREFIX = "pregonero_"  # so that whoever finds one in a file or a log knows what it is, a scanner of secrets too
_BYTES = 32
_KIND = "api token"  # of its fingerprint
LONGEST = timedelta(days=366)
LONGEST_NAME = 80  # characters, of a name or an area


class Scope(StrEnum):
    """What a token may be for. The value is what a client reads, ``label`` what a person chooses."""

    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_SUBMIT = "campaigns:submit"
    CAMPAIGNS_APPROVE = "campaigns:approve"
    CAMPAIGNS_SUPERVISE = "campaigns:supervise"
    CAMPAIGNS_CONTROL = "campaigns:control"
    RESULTS_READ = "results:read"
    EXCLUSIONS_READ = "exclusions:read"
    EXCLUSIONS_CLEAR = "exclusions:clear"
    EXCLUSIONS_WRITE = "exclusions:write"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Scope.CAMPAIGNS_READ: "Ver las campañas, cómo van y sus observaciones",
    Scope.CAMPAIGNS_SUBMIT: "Radicar solicitudes y correcciones",
    Scope.CAMPAIGNS_APPROVE: "Aprobar o devolver, como un coordinador",
    Scope.CAMPAIGNS_SUPERVISE: "Aprobar también lo urgente o con datos sensibles, como un supervisor",
    Scope.CAMPAIGNS_CONTROL: "Pausar, reanudar y cancelar",
    Scope.RESULTS_READ: "Descargar los resultados, con los datos de las personas",
    Scope.EXCLUSIONS_READ: "Ver las exclusiones, enmascaradas",
    Scope.EXCLUSIONS_CLEAR: "Descargar las exclusiones con los datos a la vista",
    Scope.EXCLUSIONS_WRITE: "Agregar, importar y quitar exclusiones",
}


#: What is of no use without another one.
GOES_WITH = {
    Scope.CAMPAIGNS_SUPERVISE: Scope.CAMPAIGNS_APPROVE,
    Scope.EXCLUSIONS_CLEAR: Scope.EXCLUSIONS_READ,
}


class CannotMake(Exception):
    """The token cannot be made. The message is one sentence in Spanish for whoever makes it."""


@dataclass(frozen=True)
class Token:
    """A program that came in. ``area``: the one whose campaigns it sees; None: every area's."""

    id: int
    name: str
    area: str | None
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        """Who it is in the audit trail."""
        return f"api:{self.name}"


def make(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    name: str,
    area: str | None,
    scopes: Collection[str],
    expires_at: datetime,
) -> str:
    """Makes a token and returns it: this is the only time that it can be read. Raises CannotMake."""
    named, of_area = " ".join(name.split()), " ".join((area or "").split()) or None
    if not named or len(named) > LONGEST_NAME or len(of_area or "") > LONGEST_NAME:
        raise CannotMake(f"Escriba un nombre de {LONGEST_NAME} caracteres como máximo; también el área.")
    chosen = [scope.value for scope in Scope if scope.value in set(scopes)]
    if not chosen or set(scopes) - set(Scope):
        raise CannotMake("Elija al menos un permiso de la lista.")
    for more, less in GOES_WITH.items():
        if more in chosen and less not in chosen:
            raise CannotMake(f"«{more.label}» va con «{less.label}».")
    if not now < expires_at <= now + LONGEST:
        raise CannotMake("El vencimiento debe estar entre mañana y dentro de un año.")
    written = PREFIX + secrets.token_urlsafe(_BYTES)
    kept = {"name": named, "area": of_area, "scopes": chosen, "print": vault.fingerprint(_KIND, written)}
    told = {"made_at": now, "made_by": actor, "expires_at": expires_at}
    statement = insert(api_token).values(**kept, **told).on_conflict_do_nothing(index_elements=["name"])
    token_id = tx.execute(statement.returning(api_token.c.id)).scalar()
    if token_id is None:
        raise CannotMake("Ya hay o hubo un acceso con ese nombre: elija otro, para que el registro no los confunda.")
    audit.record(tx, now, actor, "api_token.made", "api_token", token_id, name=named, area=of_area, scopes=chosen)
    return written


def find(tx: Connection, vault: Vault, now: datetime, zone: ZoneInfo, written: str) -> Token | None:
    """Whose token this is; None where it is nobody's, expired or was taken back. Notes the day on which it was used."""
    good = (api_token.c.revoked_at.is_(None), api_token.c.expires_at > now)
    row = tx.execute(select(api_token).where(api_token.c.print == vault.fingerprint(_KIND, written), *good)).first()
    if row is None:
        return None
    today = now.astimezone(zone).date()
    if row.last_used_on != today:
        tx.execute(update(api_token).where(api_token.c.id == row.id).values(last_used_on=today))
    return Token(row.id, row.name, row.area, frozenset(map(Scope, row.scopes)))


def revoke(tx: Connection, now: datetime, actor: str, token_id: int) -> bool:
    """From this transaction's end on it opens nothing; False where there is none that stands."""
    standing = (api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
    statement = update(api_token).where(*standing).values(revoked_at=now, revoked_by=actor)
    is_revoked = tx.execute(statement.returning(api_token.c.id)).first() is not None
    if is_revoked:
        audit.record(tx, now, actor, "api_token.revoked", "api_token", token_id)
    return is_revoked


def listed(tx: Connection, limit: int = 200) -> list[Row]:
    """Every token that there is or was, those that still stand first; never the token itself."""
    standing_first = (api_token.c.revoked_at.is_not(None), api_token.c.id.desc())
    wanted = [column for column in api_token.c if column.name != "print"]
    return list(tx.execute(select(*wanted).order_by(*standing_first).limit(limit)))
