"""From the fields of Solicitud to a Request, with every observation that the request as a whole deserves (§5)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from campaigns.texting.wording import closing_of
from campaigns.upload.fields import Fields
from campaigns.upload.hour_checks import Window, read_hours
from campaigns.upload.lines_known import LinesKnown, caller_id_of, line_of
from campaigns.upload.observations import Level
from campaigns.upload.question_checks import read_collected, read_security
from campaigns.upload.questions import Question
from campaigns.upload.request import Request
from campaigns.upload.text_checks import check_texts
from campaigns.upload.text_requests import is_of_texts, read_sending
from campaigns.upload.vocabulary import (
    SENDER,
    SENT_AT,
    SERVED_CHANNELS,
    SERVED_MODES,
    VERSION,
    CampaignType,
    Channel,
    Country,
    Mode,
    Purpose,
    ReportPeriod,
    TextMoment,
)
from core.phones import parse_public_number

NOTICE = timedelta(days=7)  # S1 §5.2 (R54): calendar days
NEUTRAL_PRESENTATION = "una institución pública"


@dataclass(frozen=True, slots=True)
class RequestRead:
    """The request, or None when a field without which there is none is missing or wrong; and, of what could be made out
    all the same, that which the rows are judged by."""

    request: Request | None
    country: Country | None
    start: date | None
    questions: tuple[Question, ...]


def read_request(fields: Fields, *, received: date, lines: LinesKnown, window: Window) -> RequestRead:
    """The request in ``fields``, whose observations say what is wrong: it may come with errors all the same."""
    known = tuple(lines)
    version = fields.required("formato_version")
    if version and version.upper().removeprefix("V") not in {"1", "1.0"}:
        fields.note("E01", "formato_version", "La versión del formato no es la vigente.", VERSION)
    country = fields.one_of("pais", Country)
    values: dict[str, Any] = {"formato_version": VERSION, "pais": country}
    of_texts = is_of_texts(fields)
    values |= _texts(fields)
    values |= _kinds(fields, of_texts=of_texts)
    values |= read_sending(fields) if of_texts else _of_calls(fields)
    values |= _dates(fields, received, SENT_AT if of_texts else "fecha_inicio", values.pop("first_day"))
    values |= read_hours(fields, country, window, values["fecha_inicio"], values["fecha_fin"])
    values |= _numbers(fields, country)
    values["numero_saliente"] = caller_id_of(fields, country, known, SENDER if of_texts else "numero_saliente")
    values["linea"] = line_of(fields, country, values["entidad"], known)
    if not values["presentacion"]:
        values["presentacion"] = NEUTRAL_PRESENTATION if values["contiene_datos_sensibles"] else values["entidad"]
    elif values["contiene_datos_sensibles"] and values["presentacion"] != NEUTRAL_PRESENTATION:
        told = "Los datos son sensibles, y esto se dice antes de saber quién contesta: no nombre a la institución."
        fields.note("E17", "presentacion", told, f"déjela vacía: se dirá «{NEUTRAL_PRESENTATION}»", Level.AVISO)
    line = next((each for each in known if each.id == values["linea"]), None)
    check_texts(fields, values, closing_of(line) if line else "")
    may_be_absent = {"horario_inicio", "horario_fin", "dias", "numero_saliente", "fecha_hora_envio"}
    is_whole = all(value is not None for name, value in values.items() if name not in may_be_absent)
    request = Request(**values) if is_whole else None
    return RequestRead(request, country, values["fecha_inicio"], values["preguntas"])


def _texts(fields: Fields) -> dict[str, Any]:
    names = ("entidad", "area_misional", "nombre_solicitante", "nombre_campana")
    values: dict[str, Any] = {name: fields.required(name) for name in names}
    free = "objetivo presentacion texto_sms observaciones cargo telefono_solicitante poblacion_objetivo codigo_formato"
    values |= {name: fields.text(name) for name in free.split()}
    values["correo_solicitante"] = fields.address("correo_solicitante", is_required=True)
    values["correo_reporte"] = fields.address("correo_reporte", is_required=False)
    values["base_legal_tratamiento"] = fields.required(
        "base_legal_tratamiento", "E14", "Falta la base legal para tratar estos datos."
    )
    values["contiene_datos_sensibles"] = fields.yes_no("contiene_datos_sensibles")
    return values


def _of_calls(fields: Fields) -> dict[str, Any]:
    """What only a request of calls says."""
    values: dict[str, Any] = {name: fields.text(name) for name in ("mensaje_buzon", "guion_cierre", "aviso_privacidad")}
    values["mensaje_guion"] = fields.required("mensaje_guion")
    values["max_intentos"] = fields.whole("max_intentos", 1, 6, 4)
    values["requiere_validacion"] = fields.yes_no("requiere_validacion", False)
    values |= read_security(fields)
    values["recolectar"] = read_collected(fields)
    values["momento_sms"] = fields.one_of("momento_sms", TextMoment, TextMoment.SIN_RESPUESTA)
    return values | {"fecha_hora_envio": None, "first_day": fields.day("fecha_inicio")}


def _kinds(fields: Fields, *, of_texts: bool) -> dict[str, Any]:
    kind = fields.one_of("tipo_campana", CampaignType)
    channel = fields.one_of("canal", Channel, Channel.SMS if of_texts else None)
    mode = fields.one_of("modo", Mode, Mode.AUTOMATICA if of_texts else None)
    if kind is CampaignType.TRANSACCIONES_INUSUALES and channel not in (None, Channel.VOZ):
        told = "Las transacciones inusuales solo las atiende un operador: no van por mensaje."
        fields.note("E17", "canal", told, f"{Channel.VOZ}, con modo {Mode.OPERADOR}")
    elif kind is CampaignType.TRANSACCIONES_INUSUALES and mode is Mode.AUTOMATICA:
        fields.note("E17", "modo", "Las transacciones inusuales solo las atiende un operador.", Mode.OPERADOR)
    if mode and mode not in SERVED_MODES:
        fields.note("E17", "modo", "Esta versión aún no sirve este modo.", "use " + ", ".join(sorted(SERVED_MODES)))
    if channel and channel not in SERVED_CHANNELS:
        told = "use " + ", ".join(sorted(SERVED_CHANNELS))
        fields.note("E17", "canal", "Esta versión aún no sirve este canal.", told)
    if channel and channel is not Channel.VOZ:
        fields.required("texto_sms")
        if mode is Mode.OPERADOR:
            fields.note("E17", "modo", "Los mensajes de texto los envía el sistema.", Mode.AUTOMATICA)
    return {
        "tipo_campana": kind,
        "finalidad": fields.one_of("finalidad", Purpose),
        "canal": channel,
        "modo": mode,
        "periodicidad_reporte": fields.one_of("periodicidad_reporte", ReportPeriod, ReportPeriod.FINAL),
    }


def _dates(fields: Fields, received: date, begun: str, start: date | None) -> dict[str, Any]:
    """``begun``: the field that says the first day, ``start``."""
    asked, end = fields.day("fecha_solicitud"), fields.day("fecha_fin")
    urgent = fields.yes_no("urgente", False)
    justification = fields.required("justificacion_urgencia") if urgent else fields.text("justificacion_urgencia")
    begins = start
    if start and start < (earliest := max(asked or received, received) + NOTICE):
        if urgent:
            told = "Empieza con menos de 7 días de anticipación, por ser urgente: la aprueba un supervisor."
            fields.note("E03", begun, told, "", Level.AVISO)
        else:
            begins = earliest
            follows = "; fecha_fin, ese día o después" if end and start <= end < earliest else ""
            told = f"{earliest:%d/%m/%Y} o después{follows}"
            fields.note("E03", begun, "Faltan los 7 días de anticipación.", told)
    _check_end(fields, start, end, received, begins)
    return {
        "fecha_solicitud": asked,
        "fecha_inicio": start,
        "fecha_fin": end,
        "urgente": urgent,
        "justificacion_urgencia": justification,
    }


def _check_end(fields: Fields, start: date | None, end: date | None, received: date, begins: date | None) -> None:
    """``begins``: the first day as it will be once what was said of it is done, so that the two agree."""
    later = f"{max(begins or received, received):%d/%m/%Y} o después"
    if start and end and end < start:
        fields.note("E04", "fecha_fin", "La fecha de fin es anterior a la de inicio.", later)
    elif end and end < received:
        fields.note("E04", "fecha_fin", "La fecha de fin ya pasó.", later)


def _numbers(fields: Fields, country: Country | None) -> dict[str, Any]:
    called_back = fields.required("numero_devolucion_llamada")
    number = parse_public_number(called_back, country) if called_back and country else called_back
    if called_back and country and number is None:
        told = "No es un número al que se pueda llamar."
        fields.note("E17", "numero_devolucion_llamada", told, "el número de su línea, como 2237-3333")
    return {
        "cantidad_registros": fields.whole("cantidad_registros", 1, 1_000_000, None),
        "prioridad": fields.whole("prioridad", 1, 9, 5),
        "numero_devolucion_llamada": number,
    }
