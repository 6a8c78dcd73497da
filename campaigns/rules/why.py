"""Why it is not dialling: sentences, the most binding first, each with when it will change and what one may do.

``say``: how they are said of this campaign (campaigns/texting/sentences.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from campaigns.outcomes import Outcome
from campaigns.rules.deciding import Decision, Never, NotNow, OtherPhone, Reason
from campaigns.rules.hours import Window
from campaigns.states import AttemptState, CampaignState
from campaigns.texting.sentences import Say, of_calls
from prompts.speech import WEEKDAYS


@dataclass(frozen=True)
class Why:
    """One reason. ``until``: when it changes by itself; None: when somebody acts. ``do``: what the reader may do."""

    code: str
    sentence: str
    until: datetime | None = None
    do: str = ""

    def as_json(self) -> dict[str, Any]:
        until = self.until.isoformat() if self.until else None
        return {"code": self.code, "sentence": self.sentence, "until": until, "do": self.do}


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
    has_trunk: bool = True,
    refused: str | None = None,
    is_operated: bool = False,
    before: Sequence[str] = (),
    is_open_elsewhere: bool = False,
    to_validate: int = 0,
    say: Say = of_calls,
) -> list[Why]:
    """The reasons of one campaign at one moment; none when all is well or there is nothing left to do.

    ``before``: names of the campaigns that go first on its trunk and have people due now; ``is_open_elsewhere``: the
    country's hours are closed, and in another of its zones somebody of the campaign may still be called;
    ``to_validate``: answers that wait to be validated.
    """
    if state in _BY_STATE:
        return [_said(_BY_STATE[state], say)]
    if state == CampaignState.SCHEDULED:
        begins = window.next_open(max(starts_at, now)) or starts_at
        told = f"Empieza el {when(window, begins)}."
        return [Why("not_started", told, begins, "No hay que hacer nada; si no debe empezar, cancélela.")]
    if state != CampaignState.RUNNING:
        return []
    if to_validate and next_due is None and not live:
        return [_not_validated(to_validate, say)]
    found = _of_the_trunk(say, has_trunk, has_dialer, trouble, refused)
    if not window.is_open(now) and not is_open_elsewhere:
        found.append(_closed(window, now, say))
    if next_due:
        found += _next(window, now, next_due, is_operated)
    if before and next_due and next_due <= now and window.is_open(now):
        found.append(_waits_its_turn(before))
    if cap is not None and live_on_trunk >= cap:
        told = f"Todas las líneas están ocupadas: {live_on_trunk} llamadas de {cap}."
        found.append(Why("cap", told, None, "Se libera sola al terminar cada llamada."))
    if next_due is None and live:
        found.append(_last_calls(live, say))
    return found


def why_not_this_one(
    window: Window,
    now: datetime,
    *,
    is_final: bool,
    outcome: Outcome | None,
    attempt: AttemptState | None,
    due_at: datetime | None,
    decision: Decision | None,
    say: Say = of_calls,
) -> list[Why]:
    """The reasons of one contact; ``window`` is theirs, ``attempt`` the state of their newest attempt that is not over,
    ``decision`` what the rules would say right now."""
    if is_final:
        return [_over(outcome, say)]
    if attempt in (AttemptState.ASKING, AttemptState.PLACED):
        told = say("[Se le está llamando en este momento|Su mensaje está en camino].")
        return [Why("on_the_line", told, None, say("Espere a que [termine|llegue]."))]
    if attempt is AttemptState.UNKNOWN:
        told = say(
            "Se pidió [la llamada|el mensaje] y no se sabe si salió: se averigua con la red telefónica antes de "
            "[repetirla|repetirlo]."
        )
        return [Why("unknown", told, None, "No hay que hacer nada: se resuelve en unos minutos.")]
    if attempt is None:
        told = say("Todavía no se ha planeado [ninguna llamada|ningún mensaje].")
        return [Why("not_planned", told, None, "Apruebe la campaña.")]
    found = _of_decision(window, decision, say)
    if due_at is not None and due_at > now:
        opens = window.next_open(due_at) or due_at
        told = f"{say('Su [próxima llamada es|mensaje sale]')} el {when(window, opens)}."
        found.append(Why("due_later", told, opens, "No hay que hacer nada."))
    told = say("Se le puede [llamar|escribir] ya: espera su turno.")
    return found or [Why("in_line", told, None, "No hay que hacer nada.")]


def cancelled(say: Say) -> Why:
    """Of whoever waited for it."""
    return _said(_CANCELLED, say)


def when(window: Window, moment: datetime) -> str:
    """``lunes 23/11 08:00``, where the window's clock stands."""
    local = window.local(moment)
    return f"{WEEKDAYS[local.weekday()]} {local.day:02}/{local.month:02} {local:%H:%M}"


RETURNED = Why("returned", "Fue devuelta: espera el archivo corregido.", None, "Suba el corregido, o cancélela.")
_CANCELLED = Why(
    "cancelled",
    "La campaña fue cancelada: ya no se [llama|escribe] a nadie.",
    None,
    "Si todavía hace falta, inclúyala en otra campaña.",
)
_BY_STATE = {
    CampaignState.SUBMITTED: Why("checking", "Se está revisando el archivo.", None, "Espere a que termine."),
    CampaignState.UNDER_REVIEW: Why(
        "not_approved", "Espera que alguien la apruebe.", None, "Revísela y apruébela, o devuélvala."
    ),
    CampaignState.RETURNED: RETURNED,
    CampaignState.APPROVED: Why(
        "planning", "Se están preparando sus [llamadas|mensajes].", None, "Espere unos minutos."
    ),
    CampaignState.PAUSED: Why("paused", "Está pausada: espera que alguien la reanude.", None, "Reanúdela."),
}

_OF_REASON = {
    Reason.HOURS: ("Fuera de horario legal hasta {when}.", "Nadie puede saltarse el horario legal."),
    Reason.CLOSED_DAY: (
        "Hoy no se [llama|escribe a nadie], es feriado o vacación: hasta {when}.",
        "Un supervisor edita el calendario.",
    ),
    Reason.ALL_CLOSED: (
        "Todos los días que quedan son feriado o vacación: no se [llama|escribe a nadie] mientras sigan en el "
        "calendario.",
        "Si alguno no es feriado, un supervisor lo quita del calendario.",
    ),
    Reason.PREFERENCE: ("Prefiere que se le [llame|busque] a otra hora: hasta {when}.", "No hay que hacer nada."),
    Reason.ON_THE_LINE: (
        "Está [en una llamada|hablando] con la institución, o por [recibirla: no se le llama|hablar: no se le escribe] "
        "hasta que termine.",
        "No hay que hacer nada.",
    ),
    Reason.BETWEEN: (
        "{who} hace poco: [se puede volver a llamar|se le puede escribir] desde el {when}.",
        "Es el mínimo entre llamadas[| y mensajes], de todas las campañas.",
    ),
    Reason.CALLS: (
        "{who} hoy lo que se permite en un día: [se puede volver a llamar|se le puede escribir] desde el {when}.",
        "Es el tope de todas las campañas juntas.",
    ),
    Reason.CONTACTS: (
        "Ya se habló hoy con la persona[|, o se le escribió]: [se puede volver a llamar|se le puede escribir] desde el "
        "{when}.",
        "Es el tope de todas las campañas juntas.",
    ),
    Reason.WEEK: (
        "Ya [se habló esta semana lo que se permite|tuvo esta semana los contactos que se permiten]: "
        "[se puede volver a llamar|se le puede escribir] desde el {when}.",
        "Es el tope de todas las campañas.",
    ),
}

_NEVER = {
    Outcome.EXCLUDED: (
        "Pidió que no se le [llame|busque], o está en la lista de exclusión.",
        "La quita un supervisor.",
    ),
    Outcome.CONTACT_LIMIT: (
        "El tope de contactos no deja [llamarle|escribirle] antes de que termine el período.",
        "Inclúyala en otra campaña, más adelante.",
    ),
    Outcome.EXPIRED: (
        "El período terminó sin que se le pudiera [llamar|escribir].",
        "Inclúyala en otra campaña.",
    ),
    Outcome.ROW_IN_ERROR: (
        "Su fila tiene un error y no se [llamó|le escribió].",
        "Si se puede corregir, corríjala y súbala en otra campaña; a un menor de edad no se le [llama|escribe].",
    ),
    Outcome.INVALID_PHONE: ("Ninguno de sus teléfonos sirve, o son de otras personas.", "Busque otro teléfono."),
    Outcome.DUPLICATE: ("Ya está en otra fila.", "No hay que hacer nada."),
}


def _said(why: Why, say: Say) -> Why:
    return replace(why, sentence=say(why.sentence), do=say(why.do))


def _of_decision(window: Window, decision: Decision | None, say: Say) -> list[Why]:
    match decision:
        case NotNow(reason, until, is_the_phones):
            told, do = map(say, _OF_REASON[reason])
            who = say(
                "A ese teléfono se llamó[| o se escribió]" if is_the_phones else "Se le llamó[| o se le escribió]"
            )
            return [Why(reason.value, told.format(when=when(window, until), who=who), until, do)]
        case Never(outcome):
            return [_over(outcome, say)]
        case OtherPhone():
            told = say(
                "Ese teléfono pidió que no se le [llame|busque] más, o no es de la persona: se usará el siguiente."
            )
            return [Why("other_phone", told, None, "No hay que hacer nada.")]
    return []


def _over(outcome: Outcome | None, say: Say) -> Why:
    if outcome is not None and outcome in _NEVER:
        told, do = map(say, _NEVER[outcome])
        return Why(outcome.value.rpartition(".")[2], told, None, do)
    told = f"Ya terminó: {outcome.label.lower()}." if outcome else "Ya terminó."
    return Why("final", told, None, say("No se le vuelve a [llamar|escribir] en esta campaña."))


def _next(window: Window, now: datetime, next_due: datetime, is_operated: bool) -> list[Why]:
    """Of those who wait for a call: their hour is to come, or they wait for an operator."""
    if next_due > now:
        due = window.next_open(next_due) or next_due
        said = "Quienes faltan esperan su siguiente intento"
        told = f"{said}: el primero, {when(window, due)}."
        return [Why("retries", told, due, "No hay que hacer nada.")]
    if is_operated and window.is_open(now):
        told = "La llaman los operadores desde su puesto: hay contactos que esperan."
        return [Why("operators", told, None, "Pida a los operadores que tomen el siguiente contacto.")]
    return []


def _closed(window: Window, now: datetime, say: Say) -> Why:
    opens = window.next_open(now)
    if opens is None and window.ends_after(now):
        told, do = map(say, _OF_REASON[Reason.ALL_CLOSED])
        return Why(Reason.ALL_CLOSED.value, told, window.end(), do)
    if opens is None:
        return Why("period_over", "El período de la campaña terminó.", None, "Se cierra sola en unos segundos.")
    if window.is_closed(window.local(now).date()):
        told = f"Hoy es feriado o vacación: {say('no se [llama|escribe a nadie]')} hasta {when(window, opens)}."
        return Why("closed_day", told, opens, "Si el día no es feriado, un supervisor lo quita del calendario.")
    told = f"Fuera de horario legal hasta {when(window, opens)}."
    return Why("out_of_hours", told, opens, "No hay que hacer nada: sigue sola.")


def _of_the_trunk(say: Say, has_trunk: bool, has_dialer: bool, trouble: str | None, refused: str | None) -> list[Why]:
    nothing = say("no sale [ninguna llamada|ningún mensaje].")
    if not has_trunk:
        told = say("Ninguna troncal en uso puede [llamar|escribir] a ese país mostrando ese número: ") + nothing
        return [Why("no_trunk", told, None, "Avise a soporte: falta en el archivo de troncales (TRUNKS_FILE).")]
    found = []
    if not has_dialer:
        told = f"El marcador no está en marcha: {nothing}"
        found.append(Why("no_dialer", told, None, "Avise a soporte: hay que poner en marcha el servicio."))
    if trouble:
        found.append(trouble_told(trouble, say))
    if refused:
        found.append(_refused(refused, say))
    return found


def _waits_its_turn(before: Sequence[str]) -> Why:
    others = f" y {len(before) - 1} más" if len(before) > 1 else ""
    told = f"Va primero otra campaña, más urgente o de mayor prioridad: {before[0]}{others}."
    return Why("priority", told, None, "Cambie su prioridad en Ajustes › Turnos, o espere.")


def _not_validated(answers: int, say: Say) -> Why:
    told = "Queda 1 dato por validar." if answers == 1 else f"Quedan {answers} datos por validar."
    said = say("Ya se [llamó|escribió] a todos.")
    return Why("validation", f"{said} {told}", None, "Valídelos en «ver respuestas», en la página de la campaña.")


def _last_calls(live: int, say: Say) -> Why:
    if live == 1:
        told, to_do = "Solo queda [una llamada en curso|un mensaje en camino].", "Espere a que [termine|llegue]."
    else:
        told, to_do = f"Solo quedan {live} [llamadas en curso|mensajes en camino].", "Espere a que [terminen|lleguen]."
    return Why("last_calls", say(told), None, say(to_do))


def _refused(trouble: str, say: Say) -> Why:
    code = trouble.removeprefix("refused ")
    told = say("La red telefónica rechaza [las llamadas|los mensajes] de esta campaña")
    told += f" (código {code}): casi siempre, el número que muestra."
    return Why("refused", told, None, f"Avise a soporte con el código {code}; las demás campañas siguen.")


def trouble_told(trouble: str, say: Say = of_calls) -> Why:
    """What ails the trunk, for a coordinator: she can tell whom to call."""
    if trouble.startswith("refused"):
        code = trouble.removeprefix("refused ")
        told = f"La red telefónica rechaza nuestra cuenta (código {code}). Avise a soporte; se sigue intentando."
        return Why("carrier", told, None, f"Avise a soporte con el código {code}.")
    if trouble == "no_answer":
        told = say(
            "La red telefónica no confirma [las llamadas|los mensajes]. Se averigua cuáles [hizo|envió]; "
            "[nadie se llama|a nadie se le escribe] dos veces."
        )
        return Why("carrier", told, None, "Si dura más de unos minutos, avise a soporte.")
    told = "La red telefónica no responde. Se sigue intentando; nadie se pierde."
    return Why("carrier", told, None, "Si dura más de unos minutos, avise a soporte.")
