"""Gestiones ante autoridad: an oficio, what it asks of whom, and each time that somebody asked how it goes (R88)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import Connection, Row, delete, insert, select, update

from cases.problem import Problem
from cases.registers.books import OLDEST, Book, Field, Register
from cases.registers.follow_up import call_again, called
from cases.registers.tables import register_entry, register_standing, register_step
from core import audit
from core.person import erased_words
from core.privacy import Vault


class AuthorityState(StrEnum):
    """How a step before an authority stands. Its code is kept in the database and never changes."""

    POR_ENTREGAR = "POR_ENTREGAR"
    ENTREGADA = "ENTREGADA"
    EN_TRAMITE = "EN_TRAMITE"
    RESPONDIDA = "RESPONDIDA"
    SIN_RESPUESTA = "SIN_RESPUESTA"
    CERRADA = "CERRADA"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    AuthorityState.POR_ENTREGAR: "Por entregar",
    AuthorityState.ENTREGADA: "Entregada",
    AuthorityState.EN_TRAMITE: "En trámite",
    AuthorityState.RESPONDIDA: "Respondida",
    AuthorityState.SIN_RESPUESTA: "Sin respuesta",
    AuthorityState.CERRADA: "Cerrada",
}
LONGEST_STEP = 2000  # characters
_NOTED = "Quedó anotado en la gestión."  # what was said stands there alone, where it can be erased

BOOK = Book(
    register=Register.GESTIONES,
    title="Gestiones ante autoridad",
    about="Cada oficio: ante quién, qué se pide, en qué va, y cuándo se vuelve a preguntar.",
    kind_label="Cómo se pide",
    at_label="Fecha del oficio",
    kinds=MappingProxyType({"OFICIO": "Oficio", "CORREO": "Correo oficial", "PERSONA": "Comparecencia"}),
    fields=(
        Field("number", "Número de oficio", 60, is_sealed=False),
        Field("authority", "Autoridad", 200, is_sealed=False, help="La institución y el área, no la persona."),
        Field("asked", "Qué se pide"),
    ),
    is_day=True,
    follow_up_label="Próxima llamada",
)


@dataclass(frozen=True)
class AuthorityStep:
    """One time that somebody asked, or that something came of it. ``text``: why, once it was erased."""

    at: datetime
    actor: str
    state: AuthorityState
    follow_up_at: datetime | None
    text: str = field(repr=False)


class NotOpen(Exception):
    """Esta gestión ya está cerrada, o la corrige otra anotación: no se le agrega más."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def read_step(text: str, state: str, follow_up_at: datetime | None, now: datetime) -> list[Problem]:
    """What lacks or is wrong with a step that somebody typed."""
    found = [] if state in list(AuthorityState) else [Problem("state", "Elija en qué quedó.")]
    if not text.strip():
        found.append(Problem("text", "Escriba qué se hizo o qué contestaron."))
    if len(text) > LONGEST_STEP:
        found.append(Problem("text", f"Tiene más de {LONGEST_STEP} caracteres."))
    if follow_up_at is not None and state == AuthorityState.CERRADA:
        found.append(Problem("follow_up_at", "Una gestión cerrada no tiene próxima llamada."))
    elif follow_up_at is not None and not now < follow_up_at <= now + OLDEST:
        found.append(Problem("follow_up_at", "Escriba un momento futuro, dentro de un año."))
    return found


def note_step(
    tx: Connection,
    vault: Vault,
    now: datetime,
    entry_id: int,
    actor: str,
    *,
    text: str,
    state: AuthorityState,
    follow_up_at: datetime | None,
) -> None:
    """Notes what became of it; the next call, if there is one, is a task from now on. Raises NotOpen."""
    mine = register_standing.c.entry_id == entry_id
    standing = tx.execute(select(register_standing).where(mine).with_for_update()).first()
    if standing is None or standing.state == AuthorityState.CERRADA:
        raise NotOpen
    told = {"at": now, "actor": actor, "state": state, "follow_up_at": follow_up_at}
    tx.execute(insert(register_step).values(entry_id=entry_id, text_sealed=vault.seal(text.strip()), **told))
    tx.execute(update(register_standing).where(mine).values(state=state, follow_up_at=follow_up_at))
    audit.record(tx, now, actor, "register.step_noted", "register", entry_id, state=state)
    called(tx, vault, now, entry_id, actor, _NOTED)
    if follow_up_at is not None:
        row = tx.execute(select(register_entry).where(register_entry.c.id == entry_id)).one()
        call_again(tx, vault, now, row, follow_up_at, actor)


def begin(tx: Connection, entry: Row, state: AuthorityState = AuthorityState.POR_ENTREGAR) -> datetime | None:
    """A new entry of the register stands; one that corrects another stands as that one did, which no longer does.

    The next call that is promised: that of the entry, or the one that somebody noted since of what it corrects, where
    the entry says what that one said at first.
    """
    ahead: datetime | None = entry.follow_up_at
    if entry.corrects is not None:
        corrected = register_standing.c.entry_id == entry.corrects
        found = tx.execute(delete(register_standing).where(corrected).returning(register_standing)).first()
        first = select(register_entry.c.follow_up_at).where(register_entry.c.id == entry.corrects)
        if found is not None:
            state = AuthorityState(found.state)
            ahead = found.follow_up_at if ahead == tx.execute(first).scalar() else ahead
    values = {"entry_id": entry.id, "at": entry.at, "state": state, "follow_up_at": ahead}
    tx.execute(insert(register_standing).values(**values))
    return ahead


def steps_of(tx: Connection, vault: Vault, entry_ids: list[int]) -> dict[int, list[AuthorityStep]]:
    """What was noted of each of these entries, oldest first."""
    found: dict[int, list[AuthorityStep]] = {}
    if not entry_ids:
        return found
    theirs = select(register_step).where(register_step.c.entry_id.in_(entry_ids)).order_by(register_step.c.id)
    for row in tx.execute(theirs):
        found.setdefault(row.entry_id, []).append(_step(vault, row))
    return found


def _step(vault: Vault, row: Row) -> AuthorityStep:
    text = vault.open(row.text_sealed) if row.text_sealed is not None else erased_words(row.erased_by)
    return AuthorityStep(row.at, row.actor, AuthorityState(row.state), row.follow_up_at, text)
