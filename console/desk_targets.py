"""Whom to consult or to hand a call to: a colleague, a queue, the directory, an extension, a number, the PIN line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Connection

from console.access import AT_THE_DESK, requires
from console.desk_visit import Answer, act, desk, is_script, me, visible_call
from desk import board, transfers
from desk.directory import queries as directory
from desk.directory.queries import Entry
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.transfers import Target

screen = Blueprint("desk_targets", __name__)

WAYS = {"consultar": "Consultar", "transferir": "Transferir"}
_FOUND = 20
_PIN = "PIN"
PIN_ENTRIES = {"activate": "Activar PIN (opción 2, luego 1)", "change": "Cambiar PIN (opción 2, luego 2)"}


@screen.get("/puesto/llamada/<int:room_id>/a-quien")
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
    return {
        "call": call,
        "way": way,
        "title": "Llamar" if call.room.is_emergency else WAYS[way],
        "words": words,
        "entries": _reachable(directory.search(tx, call.line.id, words, limit=_FOUND), call.line) if words else [],
        "operators": board.available(tx, desk().clock.now(), me()),
        "queues": others if may_transfer else [],
        "pin_entries": PIN_ENTRIES if may_transfer and has_pin_line(call.line) else {},
    }


def has_pin_line(line: DeskLine) -> bool:
    """Whether callers of this line change their PIN on it: one of its queues asks for that skill."""
    return any(_PIN in queue.skills for queue in line.queues.values())


def _reachable(entries: list[Entry], line: DeskLine) -> list[Entry]:
    return [entry for entry in entries if entry.telephone or (entry.extension and line.extensions)]


@screen.post("/puesto/llamada/<int:room_id>/a-quien")
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
        case "operador" if chosen.value.isdecimal() and len(chosen.value) < 19:
            found = board.operator_of(tx, desk().clock.now(), int(chosen.value))
            if found is None or found.account_id == me():
                raise CannotDo("Esa persona no está disponible ahora.")
            return Target(found.name, account_id=found.account_id)
        case "extension":
            return transfers.extension(line, chosen.value)
        case "numero":
            return transfers.outside(line, chosen.value)
        case "directorio" if chosen.value.isdecimal() and len(chosen.value) < 19:
            entry = directory.entry(tx, int(chosen.value))
            if entry is None or entry.line != line.id:
                raise CannotDo("Esa persona ya no está en el directorio.")
            return _of_entry(line, entry)
    raise CannotDo("Elija a quién llamar.")


def _of_entry(line: DeskLine, entry: Entry) -> Target:
    if entry.extension and line.extensions:
        return transfers.extension(line, str(entry.extension), entry.name)
    if entry.telephone:
        return transfers.outside(line, entry.telephone, entry.name)
    raise CannotDo("Esa persona no tiene un teléfono al que se pueda llamar desde aquí.")
