"""What a line's file says of its people → what the desk knows of the line: hours, queues, duty, services, resources."""

import re
from datetime import date, time

from core.countries import Span
from core.opening import Opening
from core.roles import Role
from desk.lines import CRISIS, DeskLine, Queue, Rejoins, Service
from ivr.line_file import LineSheet
from ivr.line_telephone import asking_for_a_key, overflow_telephone, telephone

KEYS = ("sensible", "ayuda", "guardia", "zonas", "objetivo_diario", "roles", "cola", "vuelve_a_su_emergencia")
TABLES = ("horario", "colas", "habilidades", "servicios", "recursos", "conservacion")
SHORTEST_TERM = 365  # days of what is kept of a consultation
_DAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_HOURS = re.compile(r"([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SKILL = re.compile(r"[A-Z][A-Z0-9_]*")


def desk_line(sheet: LineSheet, country: str, caller_id: str) -> DeskLine:
    """The line as the desk knows it. A file that says nothing of its people has one queue, always open.

    Raises FaultyLine.
    """
    is_sensitive = sheet.flag("sensible")
    queues = {name: _queue(each, name, country, is_sensitive) for name, each in sheet.table("colas").each_table()}
    queues = queues or {"general": _plain(is_sensitive)}
    _check_overflows(sheet.table("colas"), queues)
    default = sheet.text("cola", next(iter(queues)))
    if default not in queues:
        raise sheet.fault("cola", f"no hay ninguna cola «{default}»; hay {', '.join(queues)}.")
    zones = sheet.texts("zonas")
    return DeskLine(
        id=sheet.text("id"),
        entidad=sheet.text("entidad"),
        country=country,
        caller_id=caller_id,
        opening=_opening(sheet.table("horario"), country),
        queues=queues,
        default_queue=default,
        is_sensitive=is_sensitive,
        skill_labels=_skill_labels(sheet.table("habilidades"), queues),
        is_helpline=sheet.flag("ayuda"),
        duty_telephones=tuple(telephone(sheet, "guardia", each, country).number for each in sheet.listed("guardia")),
        services=tuple(_service(each, country, zones) for each in sheet.tables("servicios")),
        zones=zones,
        restricted_roles=_roles(sheet),
        daily_target=sheet.whole("objetivo_diario", 0),
        keeps_cases_days=_kept(sheet, "dias_casos"),
        keeps_registers_days=_kept(sheet, "dias_registros"),
        resources=tuple(_resource(each) for each in sheet.tables("recursos")),
        press_to_accept=asking_for_a_key(sheet, country),
        rejoins_emergency=_rejoins(sheet),
    )


def _kept(sheet: LineSheet, key: str) -> int:
    """Days; 0 where the file says none. A term under a year is a slip: nobody answers for what is gone already."""
    terms = sheet.table("conservacion")
    terms.only("dias_casos", "dias_registros")
    return terms.whole(key, 0, least=SHORTEST_TERM, most=36_500) if key in terms.data else 0


def _rejoins(sheet: LineSheet) -> Rejoins:
    key = "vuelve_a_su_emergencia"
    if isinstance(sheet.data.get(key), bool):  # as files said it when there were two ways
        return Rejoins.AT_ONCE if sheet.flag(key) else Rejoins.AFTER_MENU
    return Rejoins(sheet.code(key, tuple(Rejoins))) if key in sheet.data else Rejoins.AT_ONCE


def _plain(is_sensitive: bool) -> Queue:
    return Queue("general", "Atención general", offers_callback=not is_sensitive, offers_message=not is_sensitive)


def _queue(sheet: LineSheet, name: str, country: str, is_sensitive: bool) -> Queue:
    limits = ("segundos_timbre", "segundos_sin_nadie", "espera_maxima", "segundos_despues")
    offers = ("ofrece_llamada", "ofrece_mensaje")
    sheet.only("nombre", "habilidades", "prioridad", "crisis", *limits, "desborde", *offers, "guion")
    if not _NAME.fullmatch(name):
        raise sheet.fault("nombre", f"«{name}» no puede ser el nombre de una cola: minúsculas sin acentos.")
    for skill in sheet.texts("habilidades"):
        if not _SKILL.fullmatch(skill):
            raise sheet.fault("habilidades", f"«{skill}»: una habilidad se escribe en mayúsculas, sin acentos.")
    if is_sensitive and (wanted := [key for key in offers if sheet.flag(key)]):
        raise sheet.fault(wanted[0], f"{wanted[0]}: una línea sensible no devuelve llamadas ni guarda mensajes.")
    return Queue(
        name=name,
        label=sheet.text("nombre"),
        skills=frozenset(sheet.texts("habilidades")),
        priority=CRISIS if sheet.flag("crisis") else sheet.whole("prioridad", 0, most=CRISIS - 1),
        ring_seconds=sheet.whole("segundos_timbre", 20, least=5, most=60),
        nobody_seconds=sheet.whole("segundos_sin_nadie", 60),
        longest_wait_seconds=sheet.whole("espera_maxima", 600, least=20),
        wrap_up_seconds=sheet.whole("segundos_despues", 60),
        overflow=tuple(_overflow(sheet, given, country) for given in sheet.listed("desborde")),
        offers_callback=sheet.flag("ofrece_llamada", not is_sensitive),
        offers_message=sheet.flag("ofrece_mensaje", not is_sensitive),
        script=sheet.texts("guion"),
    )


def _overflow(sheet: LineSheet, given: str | dict, country: str) -> str:
    """``cola general`` and ``telefono 2250-0001``, as the desk writes them; a telephone may be a table."""
    kind, _, target = given.partition(" ") if isinstance(given, str) else ("telefono", "", "…")
    if kind == "telefono" and target:
        return f"telefono:{overflow_telephone(sheet, given, country).number}"
    if kind == "cola" and target:
        return f"cola:{target.strip()}"
    raise sheet.fault("desborde", f"«{given}»: escriba «cola nombre» o «telefono número».")


def _skill_labels(sheet: LineSheet, queues: dict[str, Queue]) -> dict[str, str]:
    asked = {skill for queue in queues.values() for skill in queue.skills}
    for skill in sheet.data:
        if skill not in asked:
            raise sheet.fault(skill, f"«{skill}» no es una habilidad que pida una cola de esta línea.")
    return {skill: sheet.text(skill) for skill in sheet.data}


def _check_overflows(sheet: LineSheet, queues: dict[str, Queue]) -> None:
    for name, queue in queues.items():
        for kind, _, target in (each.partition(":") for each in queue.overflow):
            if kind == "cola" and (target not in queues or target == name):
                raise sheet.table(name).fault("desborde", f"la cola {name} no puede pasar a «{target}».")


def _opening(sheet: LineSheet, country: str) -> Opening:
    spans = [span for key in sheet.data if key not in ("festivos", "cerrado") for span in _spans(sheet, key)]
    closed = frozenset(_day(sheet, each) for each in sheet.data.get("cerrado", []))
    return Opening(country, tuple(spans), sheet.flag("festivos"), closed)


def _spans(sheet: LineSheet, key: str) -> list[Span]:
    """``lunes_a_viernes = "08:00-18:00"``, or a list where they break for lunch."""
    first, _, last = key.partition("_a_")
    if first not in _DAYS or (last or first) not in _DAYS or _DAYS.index(last or first) < _DAYS.index(first):
        raise sheet.fault(key, f"«{key}» no son días: escriba lunes, sabado, lunes_a_viernes…, festivos o cerrado.")
    weekdays = frozenset(range(_DAYS.index(first), _DAYS.index(last or first) + 1))
    given = sheet.data[key]
    return [_span(sheet, key, weekdays, text) for text in (given if isinstance(given, list) else [given])]


def _span(sheet: LineSheet, key: str, weekdays: frozenset[int], text: object) -> Span:
    hours = _hours(text) if isinstance(text, str) else None
    if hours is None or hours[0] >= hours[1]:
        raise sheet.fault(key, f"{key}: las horas se escriben como 08:00-18:00, la primera antes.")
    return Span(weekdays, *hours)


def _hours(text: str) -> tuple[time, time] | None:
    written = _HOURS.fullmatch(text)
    if written is None:
        return None
    try:
        closes = time.max if written[2] == "24:00" else time.fromisoformat(written[2])
        return time.fromisoformat(written[1]), closes
    except ValueError:
        return None


def _day(sheet: LineSheet, given: object) -> date:
    try:
        return given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError:
        raise sheet.fault("cerrado", f"«{given}» no es un día: se escribe como 2026-12-24.") from None


def _service(sheet: LineSheet, country: str, zones: tuple[str, ...]) -> Service:
    sheet.only("clase", "nombre", "numero", "zonas")
    for zone in sheet.texts("zonas"):
        if zone not in zones:
            raise sheet.fault("zonas", f"«{zone}» no está en las zonas de la línea.")
    return Service(
        kind=sheet.text("clase"),
        label=sheet.text("nombre"),
        number=sheet.dialled("numero", sheet.text("numero"), country, short=True),
        zones=frozenset(sheet.texts("zonas")),
    )


def _resource(sheet: LineSheet) -> tuple[str, str]:
    sheet.only("titulo", "texto")
    return sheet.text("titulo"), sheet.text("texto")


def _roles(sheet: LineSheet) -> frozenset[str]:
    for role in sheet.texts("roles"):
        if role not in list(Role):
            raise sheet.fault("roles", f"«{role}» no es un rol; los hay: {', '.join(Role)}.")
    return frozenset(sheet.texts("roles"))
