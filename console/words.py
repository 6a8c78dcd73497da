"""How moments, numbers and states are written on every screen."""

from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import Row

from campaigns.intake import letters
from campaigns.intake.reception import number_of
from campaigns.outcomes import LABELS, Outcome
from campaigns.states import TEXTS, AttemptState, CampaignState
from campaigns.texting.sentences import said_of
from console.clocks import other_clock, zone_of
from console.office import office
from core.countries import COUNTRIES
from core.roles import Role
from prompts.speech import WEEKDAYS

MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")

#: Bootstrap's own colours; the label beside it always says the same in words.
STATE_COLOUR = {
    CampaignState.UNDER_REVIEW: "info",
    CampaignState.RETURNED: "warning",
    CampaignState.RUNNING: "success",
    CampaignState.PAUSED: "warning",
    CampaignState.CANCELLED: "dark",
}

_ATTEMPT = {
    AttemptState.DUE: "Pendiente",
    AttemptState.ASKING: "[Marcando|Enviando]",
    AttemptState.UNKNOWN: "Sin confirmar",
    AttemptState.PLACED: "En curso",
    AttemptState.ENDED: "[Terminada|Terminado]",
    AttemptState.NOT_PLACED: "No se hizo",
    AttemptState.WITHDRAWN: "[Retirada|Retirado]",
}

_ROLES = {
    Role.OPERADOR: "Operación",
    Role.SUPERVISOR: "Supervisión",
    Role.COORDINADOR: "Coordinación",
    Role.DIRECTOR: "Dirección",
    Role.TECNICO: "Soporte técnico",
    Role.MISIONAL: "Área misional",
    Role.PROFESIONAL_LINEA: "Profesional de línea",
    Role.ADMIN: "Administración",
}

_ACTIONS = {
    "campaign.submitted": "Se recibió el archivo",
    "campaign.planned": "Se planearon los intentos",
    "campaign.turn_set": "Se cambió su turno",
    "campaign.results_downloaded": "Se descargaron los resultados",
    "campaign.annotated_downloaded": "Se descargaron las observaciones",
    "campaign.original_downloaded": "Se descargó el archivo original",
    "campaign.rehearsed": "Se pidió un ensayo",
    "campaign.rehearsal_stopped": "Se detuvo el ensayo",
    "campaign.test_call": "Llamada de prueba",
    "campaign.test_call_refused": "Llamada de prueba: el número está en la lista",
    "campaign.sample_shown": "Se mostraron llamadas o mensajes de muestra",
    "campaign.letters_chosen": "Se eligió con qué letras se envía el mensaje",
    "campaign.answers_shown": "Se mostraron datos por validar",
    "campaign.updates_downloaded": "Se descargaron los datos recogidos",
    "campaign.calls_wanted_downloaded": "Se descargó la lista de quienes pidieron que se les llame",
    "campaign.reader_named": "Se nombró a quien puede verla",
    "campaign.reader_unnamed": "Se quitó a quien podía verla",
    "campaign.verified": "La verificó un profesional",
    "campaign.reminded": "Se recordó el plazo para corregir",
    "campaign.return_refused": "El área no aceptó la devolución",
    "campaign.written_to": "Se escribió al área",
    "campaign.reported": "Se hizo un informe",
    "campaign.report_downloaded": "Se descargó un informe",
    "campaign.report_readdressed": "Se envió el informe a otra dirección",
    "campaign.report_removed": "Se borró un informe: pasó su tiempo",
    "campaign.answers_purged": "Se borraron las respuestas de seguridad",
    "campaign.people_purged": "Se borraron los datos personales",
    "campaign.file_removed": "Se borró el archivo recibido",
}


def moment(value: datetime | None, line_id: str | None = None) -> str:
    """``23/11/2026 10:04``, where the institution is; or where that line is, said where it is another clock."""
    if value is None:
        return "—"
    return f"{value.astimezone(zone_of(line_id)):%d/%m/%Y %H:%M}{other_clock(line_id) if line_id else ''}"


def long_moment(value: datetime) -> str:
    """``lunes 23/11/2026 10:04``."""
    return f"{WEEKDAYS[value.astimezone(office().zone).weekday()]} {moment(value)}"


def hour(value: datetime | None) -> str:
    """``10:04``."""
    return f"{value.astimezone(office().zone):%H:%M}" if value else "—"


def day_time(value: datetime | None) -> str:
    """``mié 25 10:04:31``: among moments of several days."""
    if value is None:
        return "—"
    local = value.astimezone(office().zone)
    return f"{WEEKDAYS[local.weekday()][:3]} {local.day} {local:%H:%M:%S}"


def clock_time(value: datetime | None) -> str:
    """``10:04:31``."""
    return f"{value.astimezone(office().zone):%H:%M:%S}" if value else "—"


def day(value: date) -> str:
    """``23 nov``."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def hour_of_day(value: datetime) -> str:
    """``mié 25 08:00``: short enough to stand under a chart of several days."""
    local = value.astimezone(office().zone)
    return f"{WEEKDAYS[local.weekday()][:3]} {local.day} {local:%H:%M}"


def first_day(campaign: Row) -> str:
    """The day a campaign begins, in its own country: midnight there may be yesterday here."""
    return day(campaign.starts_at.astimezone(COUNTRIES[campaign.country].zone))


def long_day(value: date) -> str:
    """``viernes 27 de noviembre de 2026``."""
    return letters.long_day(value)


def filing(campaign: Row) -> str:
    """``CAMP-2026-0001``: what people call a request."""
    return number_of(campaign)


def number(value: int | float) -> str:
    """``12,480``, as El Salvador and Mexico write it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def people(count: int) -> str:
    """``1 persona``, ``2,000 personas``."""
    return "1 persona" if count == 1 else f"{number(count)} personas"


def rate(part: int, whole: int) -> str:
    """``48.6 %``, or a dash where there is nothing to compare with."""
    return f"{100 * part / whole:.1f} %" if whole else "—"


def seconds(value: int | None) -> str:
    """``1:05``."""
    return f"{value // 60}:{value % 60:02}" if value is not None else "—"


def zone_name() -> str:
    """``Horas de El Salvador (UTC−06:00)``: said once a page."""
    here = office().clock.now().astimezone(office().zone)
    offset = here.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    sign = "−" if offset < timedelta() else "+"
    return f"Horas de {COUNTRIES[office().country].name} (UTC{sign}{hours:02}:{minutes:02})"


def state_label(value: str) -> str:
    return CampaignState(value).label


def outcome_label(value: str | None, row: Row | None = None) -> str:
    """What a tipificación says to people; ``row``: of the campaign, where nobody was reached yet."""
    return LABELS[Outcome(value)] if value else said_of(row.mode if row else None)("Sin [llamar|mensaje] todavía")


def event_label(action: str) -> str:
    """A line of the audit trail of a campaign, in words."""
    if action in _ACTIONS:
        return _ACTIONS[action]
    state = action.removeprefix("campaign.")
    return CampaignState(state).label if state in list(CampaignState) else action


def role_label(role: str) -> str:
    """What somebody is here, in words."""
    return _ROLES[Role(role)]


def who(actor: str) -> str:
    """An actor of the trail as people know it."""
    if actor.startswith("api:"):
        return f"el sistema {actor.removeprefix('api:')}"
    return {"dialer": "el marcador", "system": "el sistema", "ivr": "la línea", "checks": "la revisión automática"}.get(
        actor, actor
    )


def line_name(line_id: str) -> str:
    """A line as people know it; one that is not here any more, by its id."""
    return office().line_names.get(line_id, line_id)


def told_of(sentence: str, row: Row) -> str:
    """A sentence as it is said of a campaign (its row): «[de llamadas|de mensajes]»."""
    return said_of(row.mode)(sentence)


def add_filters(app: Flask) -> None:
    """Makes all of these known to the templates."""
    for function in (
        *(moment, long_moment, day_time, clock_time, hour, day, long_day, first_day, number, people, rate, seconds),
        *(state_label, outcome_label, event_label, role_label, who, filing, told_of, line_name),
    ):
        app.add_template_filter(function)
    app.add_template_filter(lambda state: STATE_COLOUR.get(CampaignState(state), "secondary"), "state_colour")
    app.add_template_filter(lambda state, row: told_of(_ATTEMPT[AttemptState(state)], row), "attempt_label")
    app.add_template_filter(lambda code: COUNTRIES[code].name, "country")
    app.add_template_global(zone_name)
    app.add_template_global(lambda row: row.mode == TEXTS, "is_texts")
