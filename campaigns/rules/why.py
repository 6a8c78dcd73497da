"""Why it is not dialling: sentences, the most binding first, each with when it will change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.rules.hours import Window
from campaigns.states import CampaignState

_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


@dataclass(frozen=True)
class Why:
    """One reason. ``until``: when it will change by itself; None: when somebody acts."""

    code: str
    sentence: str
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "sentence": self.sentence, "until": self.until.isoformat() if self.until else None}


def why_it_waits(
    state: CampaignState,
    window: Window,
    now: datetime,
    *,
    starts_at: datetime,
    next_due: datetime | None,
    live: int,
    cap: int | None = None,
    live_on_trunk: int = 0,
    has_dialer: bool = True,
    trouble: str | None = None,
    is_operated: bool = False,
) -> list[Why]:
    """The reasons of one campaign at one moment; none when all is well or there is nothing left to do."""
    if state in _BY_STATE:
        return [_BY_STATE[state]]
    if state == CampaignState.SCHEDULED:
        return [Why("not_started", f"Empieza el {_when(window, starts_at)}.", starts_at)]
    if state != CampaignState.RUNNING:
        return []
    found = []
    if not has_dialer:
        found.append(Why("no_dialer", "El marcador no está en marcha. Inicie el servicio: pregonero serve."))
    if trouble:
        found.append(Why("carrier", _trouble(trouble)))
    if not window.is_open(now):
        found.append(_closed(window, now))
    if next_due:
        found += _next(window, now, next_due, is_operated)
    if cap is not None and live_on_trunk >= cap:
        found.append(Why("cap", f"Todas las líneas están ocupadas: {live_on_trunk} llamadas de {cap}."))
    if next_due is None and live:
        found.append(Why("last_calls", _last_calls(live)))
    return found


_BY_STATE = {
    CampaignState.UNDER_REVIEW: Why("not_approved", "Espera que alguien la apruebe."),
    CampaignState.RETURNED: Why("returned", "Fue devuelta: espera el archivo corregido."),
    CampaignState.PAUSED: Why("paused", "Está pausada: espera que alguien la reanude."),
}


def _next(window: Window, now: datetime, next_due: datetime, is_operated: bool) -> list[Why]:
    """Of those who wait for a call: their hour is to come, or they wait for an operator."""
    if next_due > now:
        due = window.next_open(next_due) or next_due
        said = "Quienes faltan esperan su siguiente intento"
        return [Why("retries", f"{said}: el primero, {_when(window, due)}.", due)]
    if is_operated and window.is_open(now):
        return [Why("operators", "La llaman los operadores desde su puesto: hay contactos que esperan.")]
    return []


def _closed(window: Window, now: datetime) -> Why:
    opens = window.next_open(now)
    if opens is None:
        return Why("period_over", "El período de la campaña terminó.")
    return Why("out_of_hours", f"Fuera de horario legal hasta {_when(window, opens)}.", opens)


def _last_calls(live: int) -> str:
    return "Solo queda una llamada en curso." if live == 1 else f"Solo quedan {live} llamadas en curso."


def _trouble(trouble: str) -> str:
    """What ails the trunk, for a coordinator: she can tell whom to call."""
    if trouble.startswith("refused"):
        code = trouble.removeprefix("refused ")
        return f"La red telefónica rechaza nuestra cuenta (código {code}). Avise a soporte; se sigue intentando."
    return "La red telefónica no responde. Se sigue intentando; nadie se pierde."


def _when(window: Window, moment: datetime) -> str:
    local = window.local(moment)
    return f"{_DAYS[local.weekday()]} {local.day:02}/{local.month:02} {local:%H:%M}"
