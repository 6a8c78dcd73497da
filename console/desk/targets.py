"""Whom to consult or to hand a call to: a colleague, a queue, the directory, an extension, a number, the PIN line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, Row

from console.access import AT_THE_DESK, requires
from console.addresses import read_number
from console.desk.visit import Answer, act, desk, is_script, me, visible_call
from console.words import role_label
from core.folding import fold, searched
from core.roles import Role
from desk import board, dispatch, presence, transfers
from desk.directory import queries as directory
from desk.directory.queries import DirectoryEntry, Filter
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.states import Presence
from desk.transfers import Target

screen = Blueprint("desk_targets", __name__)


@dataclass(frozen=True)
class Colleague:
    """Somebody at the desk; ``post``: their role and the queues of the call's line that they serve."""

    account_id: int
    name: str
    post: str
    state: Presence

    @property
    def is_free(self) -> bool:
        return self.state is Presence.DISPONIBLE


WAYS = {"consultar": "Consultar", "transferir": "Transferir"}
_FOUND = 20
_PIN = "PIN"
PIN_ENTRIES = {"activate": "Activar PIN (opción 2, luego 1)", "change": "Cambiar PIN (opción 2, luego 2)"}


@screen.get("/puesto/llamada/<id:room_id>/a-quien")
@requires(*AT_THE_DESK)
def page(room_id: int) -> str:
    """The choice. A script of ours asks for it alone, for the page that is open already."""
    way = request.args.get("para", "consultar")
    if way not in WAYS:
        abort(400)
    with desk().db.begin() as tx:
        shown = _choices(tx, room_id, way, request.args.get("buscar", "").strip()[:80])
    return render_template("console/desk_target_part.html" if is_script() else "console/desk_target.html", **shown)


def _choices(tx: Connection, room_id: int, way: str, words: str) -> dict[str, Any]:
    call = visible_call(tx, room_id)
    others = [queue for name, queue in call.line.queues.items() if name != call.room.queue]
    may_transfer = way == "transferir" and not call.room.is_emergency
    people = _people(tx, call.line, words)
    return {
        "call": call,
        "way": way,
        "title": "Llamar" if call.room.is_emergency else WAYS[way],
        "words": words,
        "entries": _entries(tx, call.line, words) if words else [],
        "operators": people,
        "today": desk().clock.now().astimezone(call.line.zone).date(),
        "queues": others if may_transfer else [],
        "pin_entries": PIN_ENTRIES if may_transfer and has_pin_line(call.line) else {},
    }


def _entries(tx: Connection, line: DeskLine, words: str) -> list[DirectoryEntry]:
    """Those that the directory finds by the beginnings of words first, then those with them anywhere in their name,
    unit or post."""
    whole = directory.search(tx, line.id, words, limit=_FOUND)
    everyone = directory.found(tx, Filter(line.id), limit=None) if len(whole) < _FOUND else []
    in_part = [each for each in everyone if _has(f"{each.name} {each.unit} {each.role}", words)]
    return _reachable(list({each.id: each for each in (*whole, *in_part)}.values()), line)[:_FOUND]


def _has(text: str, words: str) -> bool:
    """Whether every word stands somewhere in the text, whatever the accents; of no words, none does."""
    parts, plain = searched(words), fold(text)
    return bool(parts) and all(part in plain for part in parts)


def _people(tx: Connection, line: DeskLine, words: str) -> list[Colleague]:
    """Without words, who is free now; with them, who is at the desk and has them in their name or post."""
    at_the_desk = [row for row in presence.everyone(tx) if row.state != Presence.FUERA and row.account_id != me()]
    found = [
        Colleague(row.account_id, row.name, _post(row, line), Presence(row.state))
        for row in at_the_desk
        if dispatch.may_serve(row, line)
    ]
    if not words:
        return [each for each in found if each.is_free]
    return sorted(
        (each for each in found if _has(f"{each.name} {each.post}", words)), key=lambda each: not each.is_free
    )


def _post(row: Row, line: DeskLine) -> str:
    role = role_label(row.role) if row.role in list(Role) else ""
    serves = [queue.label for queue in line.queues.values() if dispatch.could_serve(row, queue)]
    return " · ".join(each for each in (role, ", ".join(serves)) if each)


def has_pin_line(line: DeskLine) -> bool:
    """Whether callers of this line change their PIN on it: one of its queues asks for that skill."""
    return any(_PIN in queue.skills for queue in line.queues.values())


def _reachable(entries: list[DirectoryEntry], line: DeskLine) -> list[DirectoryEntry]:
    return [entry for entry in entries if entry.telephone or (entry.extension and line.extensions)]


@screen.post("/puesto/llamada/<id:room_id>/a-quien")
@requires(*AT_THE_DESK)
def do(room_id: int) -> Answer:
    """Rings whoever was chosen, or sends the call there."""
    chosen = Chosen(request.form.get("para", ""), request.form.get("tipo", ""), request.form.get("valor", "").strip())
    if chosen.way not in WAYS:
        abort(400)
    with desk().db.begin() as tx:
        visible_call(tx, room_id)
    return act(url_for("console.desk.page"), lambda tx, now: _carry_out(tx, now, room_id, chosen))


@dataclass(frozen=True)
class Chosen:
    """``kind``: operador, directorio, extension, numero, cola or pin; ``value``: which."""

    way: str
    kind: str
    value: str


def _carry_out(tx: Connection, now: datetime, room_id: int, chosen: Chosen) -> None:
    here, actor = desk(), current_user.email
    if chosen.kind in ("cola", "pin") and chosen.way != "transferir":
        raise CannotDo("A una cola o a la línea del PIN solo se transfiere.")
    if chosen.kind == "cola":
        return transfers.to_queue(tx, here, now, room_id, me(), chosen.value, actor)
    if chosen.kind == "pin":
        if chosen.value not in PIN_ENTRIES:
            raise CannotDo("Elija activar o cambiar el PIN.")
        document = request.form.get("documento", "")
        return transfers.to_pin(tx, here, now, room_id, me(), document, chosen.value, actor)
    target = target_of(tx, visible_call(tx, room_id).line, chosen)
    if chosen.way == "consultar":
        transfers.consult(tx, here, now, room_id, me(), target, actor)
    else:
        transfers.transfer(tx, here, now, room_id, me(), target, actor)
    return None


def target_of(tx: Connection, line: DeskLine, chosen: Chosen) -> Target:
    """What to dial. Raises CannotDo."""
    match chosen.kind:
        case "operador" if (number := read_number(chosen.value)) is not None:
            found = board.operator_of(tx, desk().clock.now(), number)
            if found is None or found.account_id == me():
                raise CannotDo("Esa persona no está disponible ahora.")
            return Target(found.name, account_id=found.account_id)
        case "extension":
            return transfers.extension(line, chosen.value)
        case "numero":
            return transfers.outside(line, chosen.value)
        case "directorio" if (number := read_number(chosen.value)) is not None:
            entry = directory.entry(tx, number)
            if entry is None or entry.line != line.id:
                raise CannotDo("Esa persona ya no está en el directorio.")
            return _of_entry(line, entry)
    raise CannotDo("Elija a quién llamar.")


def _of_entry(line: DeskLine, entry: DirectoryEntry) -> Target:
    if entry.extension and line.extensions:
        return transfers.extension(line, str(entry.extension), entry.name)
    if entry.telephone:
        return transfers.outside(line, entry.telephone, entry.name)
    raise CannotDo("Esa persona no tiene un teléfono al que se pueda llamar desde aquí.")
