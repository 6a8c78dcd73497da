"""What the desk's states, people and events are called on its screens. A colour never says it alone."""

from typing import Any

from flask import Flask, g
from sqlalchemy import select

from console.office import office
from console.tables import account
from console.words import who
from desk.call_card import Person
from desk.states import LegRole, LegState, Presence, RoomKind

PRESENCE = {
    Presence.DISPONIBLE: "Disponible",
    Presence.DESCANSO: "Descanso",
    Presence.FUERA: "Fuera",
    Presence.TIMBRANDO: "Timbrando",
    Presence.EN_LLAMADA: "En llamada",
    Presence.POST_LLAMADA: "Post-llamada",
}
_COLOURS = {
    Presence.DISPONIBLE: "success",
    Presence.DESCANSO: "warning",
    Presence.FUERA: "secondary",
    Presence.TIMBRANDO: "info",
    Presence.EN_LLAMADA: "primary",
    Presence.POST_LLAMADA: "warning",
}
ROLES = {
    LegRole.CALLER: "Quien llama",
    LegRole.OPERATOR: "Persona operadora",
    LegRole.CONSULTED: "Persona consultada",
    LegRole.SERVICE: "Servicio de emergencia",
    LegRole.SUPERVISOR: "Supervisión",
}
_RESULTS = {
    "completed": "colgó",
    "busy": "ocupado",
    "no-answer": "no contestó",
    "failed": "no se pudo llamar",
    "canceled": "se canceló",
    "refused": "no se pudo llamar",
}
_STATES = {
    LegState.WANTED: "marcando",
    LegState.ASKING: "marcando",
    LegState.RINGING: "timbrando",
    LegState.ANSWERED: "contestó",
    LegState.JOINED: "en línea",
}
KINDS = {
    RoomKind.INBOUND: "Llamó la persona",
    RoomKind.CALLBACK: "Llamada devuelta",
    RoomKind.CAMPAIGN: "Campaña",
    RoomKind.OUTBOUND: "Llamó quien opera",
}
ENDINGS = {
    "abandoned": "Colgó antes de ser atendida",
    "hung up by the citizen": "Colgó la persona",
    "left by the operator": "Se cortó quien atendía",
    "finished": "Atendida",
    "finished by machine": "Terminó en la línea automática",
    "promised a call": "Se le devolverá la llamada",
    "leaves a message": "Dejó un mensaje",
    "closed": "Fuera de horario",
    "rang again": "Volvió a llamar",
    "called by a campaign": "La estaba llamando una campaña: se intenta después",
    "not answered by the operator": "No contestó quien opera",
    "not reached": "No se logró hablar con la persona",
    "emergency finished": "Emergencia terminada",
}
_EVENTS = {
    "chat.waits": "Pidió hablar con una persona, por escrito",
    "chat.taken": "La atiende una persona operadora, por escrito",
    "chat.handed_over": "La conversación pasó a otra persona",
    "chat.was_sure": "Se envió un mensaje después de confirmar lo que llevaba",
    "chat.ended": "Terminó la conversación",
    "room.entered": "Entró la llamada",
    "room.offered": "Se ofreció a una persona operadora",
    "room.placed": "Se pidió llamar a la persona",
    "room.rang_back": "La persona volvió a llamar",
    "room.overflowed": "Pasó a otra cola",
    "room.nobody": "Nadie pudo atender",
    "room.supervisors_called": "Se llamó a supervisión",
    "room.waits_again": "Volvió al frente de la cola",
    "room.came_back": "Volvió de la línea del PIN",
    "room.crisis": "Se marcó como crisis",
    "room.ended": "Terminó la llamada",
    "leg.wanted": "Se pidió llamar",
    "leg.ringing": "Timbra",
    "leg.answered": "Contestó",
    "leg.joined": "Entró a la llamada",
    "leg.changed": "Cambió en la sala",
    "leg.left_the_room": "Salió de la sala",
    "leg.ended": "Fuera de la línea",
    "caller.held": "En espera",
    "caller.unheld": "De vuelta de la espera",
    "consult.begun": "Empezó una consulta",
    "consult.merged": "Se unieron todos",
    "consult.ended": "Terminó la consulta",
    "call.inherited": "La llamada quedó con quien era consultado",
    "call.handed_over": "Se entregó la llamada",
    "call.transferred": "Se transfirió sin anunciar",
    "call.to_queue": "Se pasó a otra cola",
    "call.to_pin": "Se pasó a la línea del PIN",
    "operator.left": "Salió quien operaba",
    "support.asked": "Pidió apoyo",
    "emergency.begun": "Empezó la emergencia",
    "emergency.place": "Se corrigió el lugar",
    "emergency.zone": "Se corrigió la zona",
    "emergency.somebody_comes": "Alguien entra a atenderla",
    "emergency.safe_to_call": "Se dijo si es seguro devolver la llamada",
    "emergency.confirmed": "Se confirmó",
    "emergency.overridden": "Supervisión la desbloqueó",
    "emergency.closed_afterwards": "Supervisión la cerró después",
    "emergency.same_number": "Llamaron desde el mismo número: es una llamada aparte",
    "supervisor.listens": "Supervisión escucha",
    "supervisor.whispers": "Supervisión habla a quien opera",
    "supervisor.joins": "Supervisión entró",
    "supervisor.takes_over": "Supervisión tomó la llamada",
    "supervisor.leaves": "Supervisión salió",
}
_CONFIRMED = {
    "PATRULLA_LOCALIZO": "la patrulla localizó a la persona",
    "SITUACION_CONTROLADA": "la situación está controlada",
    "SUPERVISOR": "supervisión lo autorizó",
}


def presence_label(state: str) -> str:
    """What somebody is doing, in words."""
    return PRESENCE[Presence(state)]


def presence_colour(state: str) -> str:
    """Bootstrap's colour of a state."""
    return _COLOURS[Presence(state)]


def person_name(person: Person) -> str:
    """Who a telephone is: by name, or by what they are on this call."""
    return leg_name(person.role, person.name)


def leg_name(role: LegRole, name: str | None) -> str:
    """``rosa``, ``911``, ``Teléfono de guardia``, ``Marta (supervisión)``, ``Quien llama``."""
    if role is LegRole.SUPERVISOR and name:
        return f"{name} (supervisión)"
    return name or ROLES[role]


def called(actor: str) -> str:
    """An actor of the record as people know them: whoever works here by their name, not by their e-mail."""
    if "@" not in actor:
        return who(actor)
    known: dict[str, str] = g.setdefault("names_of_people", {})
    if actor not in known:
        with office().db.begin() as tx:
            known[actor] = tx.execute(select(account.c.name).where(account.c.email == actor)).scalar() or actor
    return known[actor]


def person_state(person: Person) -> str:
    """How a telephone stands: ``timbrando``, ``en línea``, ``en espera``, ``no contestó``…"""
    if person.is_over:
        return _RESULTS.get(person.result or "", "fuera de la línea")
    if not person.is_in:
        return _STATES[person.state]
    if person.is_held:
        return "en espera"
    if person.is_coaching:
        return "habla solo a quien opera"
    return "solo escucha" if person.is_muted else "en línea"


def kind_label(kind: str) -> str:
    """How a call began."""
    return KINDS[RoomKind(kind)]


def ending_label(ended_as: str | None) -> str:
    """How a call ended."""
    return ENDINGS.get(ended_as or "", "En curso" if ended_as is None else "Terminada")


def room_event(event: dict[str, Any]) -> str:
    """A line of the log of a call; an event without a name of its own is left as it is.

    ``whose``: the name of the telephone that it is about, and ``by``: of who did it, where they are known
    (emergency_services.named).
    """
    told = _EVENTS.get(event["kind"], event["kind"])
    role = event["facts"].get("role")
    if event["kind"].startswith("leg.") and role in list(LegRole):
        told = f"{event.get('whose') or ROLES[LegRole(role)]}: {told.lower()}"
    result = event["facts"].get("result")
    what = event["facts"].get("what")
    zone = event["facts"].get("zone")
    if zone and event["kind"].startswith("emergency."):
        told += f": {zone}"
    if result:
        told += f" ({_RESULTS.get(result, result)})"
    if what in _CONFIRMED:
        told += f": {_CONFIRMED[what]}"
    return f"{told} · {event['by']}" if event.get("by") else told


def confirmed_label(value: str) -> str:
    """Why an emergency may end."""
    return _CONFIRMED.get(value, value)


def since(seconds: int) -> int:
    """When something began that has lasted so many seconds (Unix time): the page goes on counting from there."""
    return round(office().clock.now().timestamp()) - seconds


def how_long(seconds: int | None) -> str:
    """``0:07``, ``12:03``, ``1:02:03``."""
    if seconds is None:
        return "—"
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def add_filters(app: Flask) -> None:
    """Makes all of these known to the templates."""
    for function in (
        *(presence_label, presence_colour, person_name, person_state, called),
        *(ending_label, kind_label, room_event, confirmed_label, how_long, since),
    ):
        app.add_template_filter(function)
