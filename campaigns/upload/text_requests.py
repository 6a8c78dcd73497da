"""What only the Formato de solicitud mensajes de texto says: what is sent, by whom and when (formato-v1.md §8)."""

from typing import Any

from campaigns.upload.fields import Fields
from campaigns.upload.observations import Level
from campaigns.upload.values import parse_moment, without_accents
from campaigns.upload.vocabulary import CALL_FIELDS, SENT_AT, Channel, TextMoment

_NEITHER = frozenset({"", "NO"})  # a field of the calls that says no more than this asks for nothing


def is_of_texts(fields: Fields) -> bool:
    """Whether it is that Formato: its ``canal`` says so or, where there is none, that it has a moment of sending."""
    channel = without_accents(fields.text("canal")).replace(" ", "_")
    return channel == Channel.SMS or (not channel and bool(fields.text(SENT_AT)))


def read_sending(fields: Fields) -> dict[str, Any]:
    """What takes the place of the fields of the calls, which are named and not read."""
    unused = [name for name in CALL_FIELDS if without_accents(fields.text(name)) not in _NEITHER]
    if unused:
        told = "Es de las llamadas: en un mensaje de texto no se usa."
        for name in unused:
            fields.note("E17", name, told, "déjelo vacío", Level.AVISO)
    sent_at = _sent_at(fields)
    first_day = sent_at.date() if sent_at else None
    written = fields.day("fecha_inicio") if fields.text("fecha_inicio") else None
    if written and first_day and written != first_day:
        told = "No es el día de fecha_hora_envio: los mensajes salen ese día."
        fields.note("E04", "fecha_inicio", told, f"{first_day:%d/%m/%Y}")
    return {
        **dict.fromkeys(("mensaje_guion", "mensaje_buzon", "guion_cierre", "aviso_privacidad"), ""),
        "requiere_preguntas_seguridad": False,
        "preguntas": (),
        "aciertos_minimos": 0,
        "recolectar": (),
        "requiere_validacion": False,
        "max_intentos": 6,
        "momento_sms": TextMoment.SIN_RESPUESTA,
        "fecha_hora_envio": sent_at,
        "first_day": first_day,
    }


def _sent_at(fields: Fields) -> Any:
    written = fields.required(SENT_AT)
    found = parse_moment(written) if written else None
    if written and found is None:
        fields.note("E17", SENT_AT, "No es una fecha con su hora.", "DD/MM/AAAA HH:MM, como 30/11/2026 09:00")
    return found
