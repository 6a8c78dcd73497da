"""From the fields of Solicitud to a Request, with every observation that the request as a whole deserves (§5)."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from campaigns.upload.fields import Fields
from campaigns.upload.observations import Level
from campaigns.upload.questions import DIGITS, BankQuestion, Question, asks_what_is_never_asked
from campaigns.upload.request import Collected, Request
from campaigns.upload.text_checks import check_texts
from campaigns.upload.values import parse_days, parse_hour, without_accents
from campaigns.upload.vocabulary import (
    COLLECTED,
    QUESTIONS,
    SERVED_CHANNELS,
    SERVED_MODES,
    VERSION,
    CampaignType,
    Channel,
    Country,
    Mode,
    Purpose,
    ReportPeriod,
    key_of,
)
from core.phones import Phone, parse_phone, parse_public_number

NOTICE = timedelta(days=7)  # S1 §5.2 (R54): calendar days
_NEVER = "Nunca se pide un documento completo, un PIN, una tarjeta ni una contraseña."
NEUTRAL_PRESENTATION = "una institución pública"

# When calls are legal in a country: (weekdays with Monday 0, from, to).
Window = Callable[[str], Sequence[tuple[Collection[int], time, time]]]


@dataclass(frozen=True, slots=True)
class LineKnown:
    """A line that this installation has: ``entity`` as a Formato would name it, ``caller_ids`` in E.164."""

    id: str
    country: str
    entity: str
    caller_ids: frozenset[str] = frozenset()


LinesKnown = Iterable[LineKnown]


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
    values |= _texts(fields)
    values |= _kinds(fields)
    values |= _dates(fields, received)
    values |= _hours(fields, country, window, values["fecha_inicio"], values["fecha_fin"])
    values |= _security(fields)
    values["recolectar"] = _collected(fields)
    values |= _numbers(fields, country, known)
    values["linea"] = _line(fields, country, values["entidad"], known)
    if not values["presentacion"]:
        values["presentacion"] = NEUTRAL_PRESENTATION if values["contiene_datos_sensibles"] else values["entidad"]
    check_texts(fields, has_questions=bool(values["requiere_preguntas_seguridad"]))
    may_be_absent = {"horario_inicio", "horario_fin", "dias", "numero_saliente"}
    is_whole = all(value is not None for name, value in values.items() if name not in may_be_absent)
    request = Request(**values) if is_whole else None
    return RequestRead(request, country, values["fecha_inicio"], values["preguntas"])


def _texts(fields: Fields) -> dict[str, Any]:
    names = ("entidad", "area_misional", "nombre_solicitante", "nombre_campana", "mensaje_guion")
    values: dict[str, Any] = {name: fields.required(name) for name in names}
    free = "objetivo presentacion mensaje_buzon texto_sms guion_cierre aviso_privacidad observaciones cargo"
    free += " telefono_solicitante poblacion_objetivo codigo_formato"
    values |= {name: fields.text(name) for name in free.split()}
    values["correo_solicitante"] = fields.address("correo_solicitante", is_required=True)
    values["correo_reporte"] = fields.address("correo_reporte", is_required=False)
    values["base_legal_tratamiento"] = fields.required(
        "base_legal_tratamiento", "E14", "Falta la base legal para tratar estos datos."
    )
    values["contiene_datos_sensibles"] = fields.yes_no("contiene_datos_sensibles")
    values["requiere_validacion"] = fields.yes_no("requiere_validacion", False)
    return values


def _kinds(fields: Fields) -> dict[str, Any]:
    kind = fields.one_of("tipo_campana", CampaignType)
    channel = fields.one_of("canal", Channel)
    mode = fields.one_of("modo", Mode)
    if kind is CampaignType.TRANSACCIONES_INUSUALES and mode is Mode.AUTOMATICA:
        fields.note("E17", "modo", "Las transacciones inusuales solo las atiende un operador.", Mode.OPERADOR)
    if mode and mode not in SERVED_MODES:
        fields.note("E17", "modo", "Esta versión aún no sirve este modo.", "use " + ", ".join(sorted(SERVED_MODES)))
    if channel and channel not in SERVED_CHANNELS:
        told = "use " + ", ".join(sorted(SERVED_CHANNELS))
        fields.note("E17", "canal", "Esta versión aún no sirve este canal.", told)
    if channel and channel is not Channel.VOZ:
        fields.required("texto_sms")
    return {
        "tipo_campana": kind,
        "finalidad": fields.one_of("finalidad", Purpose),
        "canal": channel,
        "modo": mode,
        "periodicidad_reporte": fields.one_of("periodicidad_reporte", ReportPeriod, ReportPeriod.FINAL),
    }


def _dates(fields: Fields, received: date) -> dict[str, Any]:
    asked, start, end = (fields.day(name) for name in ("fecha_solicitud", "fecha_inicio", "fecha_fin"))
    urgent = fields.yes_no("urgente", False)
    justification = fields.required("justificacion_urgencia") if urgent else fields.text("justificacion_urgencia")
    earliest = max(asked or received, received) + NOTICE
    if start and start < earliest:
        level = Level.AVISO if urgent else Level.ERROR
        fields.note(
            "E03", "fecha_inicio", "Faltan los 7 días de anticipación.", f"{earliest:%d/%m/%Y} o después", level
        )
    if start and end and end < start:
        fields.note("E04", "fecha_fin", "La fecha de fin es anterior a la de inicio.", f"{start:%d/%m/%Y} o después")
    elif end and end < received:
        fields.note("E04", "fecha_fin", "La fecha de fin ya pasó.", f"{received:%d/%m/%Y} o después")
    return {
        "fecha_solicitud": asked,
        "fecha_inicio": start,
        "fecha_fin": end,
        "urgente": urgent,
        "justificacion_urgencia": justification,
    }


def _hours(
    fields: Fields, country: Country | None, window: Window, start: date | None, end: date | None
) -> dict[str, Any]:
    first = fields.optional("horario_inicio", parse_hour, "No es una hora.", "HH:MM, como 08:00")
    last = fields.optional("horario_fin", parse_hour, "No es una hora.", "HH:MM, como 17:30")
    days = fields.optional("dias", parse_days, "No entendemos los días.", "como L-V o L,MI,V")
    if country and window(country):
        _check_hours(fields, country, window(country), first, last, days)
        _check_period(fields, window(country), days, start, end)
    return {"horario_inicio": first, "horario_fin": last, "dias": days}


def _check_hours(
    fields: Fields,
    country: Country,
    legal: Sequence[tuple[Collection[int], time, time]],
    first: time | None,
    last: time | None,
    days: frozenset[int] | None,
) -> None:
    """E11: the request narrows the country's window, never widens it."""
    kept = [(start, end) for weekdays, start, end in legal if days is None or days & set(weekdays)]
    left = [(max(start, first or start), min(end, last or end)) for start, end in kept]
    if not any(start < end for start, end in left):
        name = "dias" if days is not None and not kept else "horario_inicio"
        fields.note("E11", name, "No queda ninguna hora legal para llamar.", _told(legal))
        return
    earliest, latest = min(start for start, _ in kept), max(end for _, end in kept)
    if first and first < earliest:
        message = f"Recortado a {earliest:%H:%M} (ventana de {country})."
        fields.note("E11", "horario_inicio", message, f"{earliest:%H:%M}", Level.AVISO)
    if last and last > latest:
        message = f"Recortado a {latest:%H:%M} (ventana de {country})."
        fields.note("E11", "horario_fin", message, f"{latest:%H:%M}", Level.AVISO)
    allowed = {day for weekdays, _, _ in legal for day in weekdays}
    if days and days - allowed:
        message = f"Hay días en que no se llama en {country}: se quitaron."
        fields.note("E11", "dias", message, _told(legal), Level.AVISO)


def _check_period(
    fields: Fields,
    legal: Sequence[tuple[Collection[int], time, time]],
    days: frozenset[int] | None,
    start: date | None,
    end: date | None,
) -> None:
    """E11 too: a period of a Saturday and a Sunday leaves nothing. Holidays are the dialler's business."""
    if not start or not end or end < start or (end - start).days >= 6:
        return
    allowed = {day for weekdays, _, _ in legal for day in weekdays} & (days or frozenset(range(7)))
    if allowed and not any((start + timedelta(days=n)).weekday() in allowed for n in range((end - start).days + 1)):
        fields.note("E11", "fecha_fin", "En esas fechas no hay ningún día en que se pueda llamar.", _told(legal))


def _told(legal: Sequence[tuple[Collection[int], time, time]]) -> str:
    letters = ("L", "M", "MI", "J", "V", "S", "D")
    return "; ".join(
        f"{','.join(letters[day] for day in sorted(weekdays))} {start:%H:%M}–{end:%H:%M}"
        for weekdays, start, end in legal
    )


def _security(fields: Fields) -> dict[str, Any]:
    needed = fields.yes_no("requiere_preguntas_seguridad")
    questions = tuple(found for n in range(1, QUESTIONS + 1) if (found := _question(fields, n)))
    asked = any(fields.text(f"pregunta_{n}") for n in range(1, QUESTIONS + 1))
    if needed and not asked:
        fields.note("E02", "pregunta_1", "Se piden preguntas de seguridad y no hay ninguna.", ", ".join(BankQuestion))
    if needed is False and asked:
        told = "Dice NO, pero hay preguntas de seguridad escritas."
        fields.note("E17", "requiere_preguntas_seguridad", told, "ponga SI, o borre las preguntas")
    usual = len(questions) if len(questions) <= 2 else len(questions) - 1
    least = usual
    if needed and questions:
        least = fields.whole("aciertos_minimos", 1, len(questions), usual) or usual
    return {"requiere_preguntas_seguridad": needed, "preguntas": questions, "aciertos_minimos": least}


def _question(fields: Fields, number: int) -> Question | None:
    name = f"pregunta_{number}"
    written = fields.text(name)
    if not written:
        return None
    code = without_accents(written).replace(" ", "_")
    if code in set(BankQuestion):
        least, most = DIGITS[BankQuestion(code)]
        return Question(number, BankQuestion(code), None, least, most)
    if asks_what_is_never_asked(written):
        fields.note("E17", name, _NEVER, "una pregunta sobre un dato parcial")
    elif "_" in written and " " not in written:
        fields.note("E17", name, "Esa pregunta no está en el banco.", "use " + ", ".join(BankQuestion))
    digits_name = f"{name}_digitos"
    if not fields.text(digits_name):
        fields.note("E02", digits_name, "Falta cuántos dígitos lleva la respuesta.", "un número de 1 a 12")
        return None
    digits = fields.whole(digits_name, 1, 12, None)
    return Question(number, None, written, digits, digits) if digits else None


def _collected(fields: Fields) -> tuple[Collected, ...]:
    found = (_one_collected(fields, n) for n in range(1, COLLECTED + 1) if fields.text(f"recolectar_{n}"))
    return tuple(collected for collected in found if collected)


def _one_collected(fields: Fields, number: int) -> Collected | None:
    name = f"recolectar_{number}"
    options_name, digits_name = f"{name}_opciones", f"{name}_digitos"
    if bool(fields.text(options_name)) == bool(fields.text(digits_name)):
        told = "Falta cómo se responde: opciones, o cuántos dígitos."
        if fields.text(options_name):
            told = "Se responde con opciones o con dígitos, no con ambos."
        code = "E17" if fields.text(options_name) else "E02"
        fields.note(code, options_name, told, "1=Sí|2=No")
        return None
    if fields.text(digits_name):
        if asks_what_is_never_asked(fields.text(name)):  # with options nothing can be given away
            fields.note("E17", name, _NEVER, "otra pregunta")
        digits = fields.whole(digits_name, 1, 20, None)
        return Collected(number, fields.text(name), (), digits) if digits else None
    options = _options(fields.text(options_name))
    if options is None:
        told = "Cada opción es una tecla del 1 al 7, un signo = y lo que significa; el 8 y el 9 tienen ya su uso."
        fields.note("E17", options_name, told, "1=Sí|2=No")
        return None
    return Collected(number, fields.text(name), options, None)


def _options(text: str) -> tuple[tuple[str, str], ...] | None:
    """``1=Sí|2=No``. Keys 8 (no more calls) and 9 (again) mean the same everywhere in a call."""
    pairs = [part.partition("=") for part in text.split("|")]
    options = tuple((key.strip(), label.strip()) for key, _, label in pairs)
    keys = [key for key, _ in options]
    is_good = all(key in set("01234567") and label for key, label in options) and len(set(keys)) == len(keys)
    return options if is_good else None


def _numbers(fields: Fields, country: Country | None, lines: Sequence[LineKnown]) -> dict[str, Any]:
    called_back = fields.required("numero_devolucion_llamada")
    number = parse_public_number(called_back, country) if called_back and country else called_back
    if called_back and country and number is None:
        told = "No es un número al que se pueda llamar."
        fields.note("E17", "numero_devolucion_llamada", told, "el número de su línea, como 2237-3333")
    return {
        "cantidad_registros": fields.whole("cantidad_registros", 1, 1_000_000, None),
        "max_intentos": fields.whole("max_intentos", 1, 6, 4),
        "prioridad": fields.whole("prioridad", 1, 9, 5),
        "numero_devolucion_llamada": number,
        "numero_saliente": _caller_id(fields, country, lines),
    }


def _caller_id(fields: Fields, country: Country | None, lines: Sequence[LineKnown]) -> str | None:
    configured = sorted(set().union(*(line.caller_ids for line in lines))) if lines else []

    def known(text: str) -> str | None:
        found = parse_phone(text, country) if country else None
        number = found.e164 if isinstance(found, Phone) else text.replace(" ", "")
        return number if number in configured else None

    told = "No es un número saliente configurado en esta instalación."
    return fields.optional("numero_saliente", known, told, ", ".join(configured) or "deje el campo vacío")


def _line(fields: Fields, country: Country | None, entity: str, lines: Sequence[LineKnown]) -> str | None:
    """The line that the request names, else the only one of the country, else the one of the entity (§2)."""
    there = [line for line in lines if country is None or line.country == country]
    suggestion = "use " + ", ".join(line.id for line in there) if there else "pida que se configure la línea"
    written = fields.text("linea")
    if written:
        named = [line for line in there if key_of(line.id) == key_of(written)]
        if not named:
            fields.note("E17", "linea", "No hay una línea con ese nombre en ese país.", suggestion)
        return named[0].id if named else None
    if len(there) > 1:
        matching = [line for line in there if key_of(line.entity) == key_of(entity)]
        there = matching if len(matching) == 1 else there
    if len(there) == 1:
        return there[0].id
    if country:
        told = "Hay varias líneas en ese país: diga cuál." if there else "No hay ninguna línea en ese país."
        fields.note("E17", "linea", told, suggestion)
    return None
