"""What will happen when a decision over a campaign is taken: said before it is, a sentence each."""

from datetime import datetime

from sqlalchemy import Connection, Row

from campaigns.approval import last
from campaigns.forecast.overlap import Shared, shared
from campaigns.intake.reception import number_of
from campaigns.months import months_of
from campaigns.rules.calendar import window_for
from campaigns.rules.hours import Window
from campaigns.states import CampaignState, Texting
from campaigns.status import Status
from console import words
from console.campaigns.found import seen
from console.campaigns.review_count import count_of, known_shared
from console.office import office
from core.countries import COUNTRIES

_CALLS = "Cada persona recibirá como máximo {most} llamadas"
_MOST = {
    None: f"{_CALLS}, ",
    Texting.ONLY: "Cada persona recibirá un mensaje; si no llega a un teléfono se envía al siguiente, ",
    Texting.BEFORE: f"{_CALLS}, y antes de la primera un mensaje de texto, ",
    Texting.AFTER_FIRST: f"{_CALLS}, y un mensaje de texto si no contesta, ",
    Texting.AFTER_LAST: f"{_CALLS}, y un mensaje de texto si no contestó la última, ",
}


def first_calls(row: Row, status: Status, *, at_once: bool) -> str:
    """Who will be called, and from when: on its first day or, ``at_once``, now."""
    now = office().clock.now()
    opens = _window(row).next_open(now if at_once else max(row.starts_at, now))
    since = f"desde el {words.long_moment(opens)}" if opens else "en su período"
    if at_once and opens == now:
        since = "desde este momento"
    will = words.told_of("Se [llamará|escribirá] a", row)
    whom = f"{will} {words.people(_reached(row, status))} {since}, dentro del horario legal."
    return whom + _month_told(row, opens or row.starts_at)


def _month_told(row: Row, opens: datetime) -> str:
    """What is said for ``{mes}``: with another first day it may be another month than the review showed."""
    said, turns, then = months_of(office().vault, row, opens.astimezone(COUNTRIES[row.country].zone).date())
    if not said:
        return ""
    later = f", y «{then}» desde el {words.day(turns)}" if turns else ""
    return words.told_of(f" Donde el texto dice {{mes}} se [oirá|leerá] «{said}»{later}.", row)


def on_approval(row: Row, status: Status) -> list[str]:
    """What follows ``first_calls``."""
    never = status.recipients - _reached(row, status)
    until = f"hasta el {words.day(row.ends_on)}."
    told = [_MOST[row.texting].format(most=row.max_attempts) + until]
    if never:
        one = "1 registro con error o excluido no [se llamará|recibirá mensaje]."
        several = f"{words.number(never)} registros con error o excluidos no [se llamarán|recibirán mensaje]."
        told.append(words.told_of(one if never == 1 else several, row))
    with office().db.begin() as tx:
        verified = last(tx, row.id, "campaign.verified")
        told += [_also_in(each) for each in _shared(tx, row)]
    return [*told, f"La verificó {verified['actor']}." if verified else "Ningún profesional la ha verificado todavía."]


def _reached(row: Row, status: Status) -> int:
    """Who will be called or written to, as the review says it: less than who is pending where somebody is excluded;
    of a long list that is still being counted, as many."""
    told = count_of(office(), row)
    return min(told.figures.called, status.pending) if told and told.excused else status.pending


def _shared(tx: Connection, row: Row) -> list[Shared]:
    """Of a long list as its review told them just now; else counted."""
    counted = known_shared(tx, office(), row)
    return shared(tx, row, seen()) if counted is None else counted


def _also_in(other: Shared) -> str:
    state = CampaignState(other.campaign.state).label.lower()
    which = f"en {number_of(other.campaign)} «{other.campaign.name}» ({state})"
    several = f"{words.number(other.people)} de estas personas están"
    return f"{several if other.people > 1 else '1 de estas personas está'} también {which}."


def _window(row: Row) -> Window:
    with office().db.begin() as tx:
        return window_for(tx, row)


def _live(status: Status) -> list[str]:
    return [f"Lo que ya está en curso ({status.live}) termina con normalidad."] if status.live else []


def on_return(row: Row, status: Status) -> list[str]:
    return [
        f"Se le escribe a quien la pidió, con el motivo: tendrá {office().days_to_correct} días para corregirla.",
        words.told_of("No se [llamará|escribirá] a nadie.", row),
    ]


def on_cancel(row: Row, status: Status) -> list[str]:
    return [
        f"{_left_out(row, status.pending)} No se puede deshacer.",
        *_live(status),
        "Los resultados obtenidos hasta ahora se conservan; las respuestas de seguridad se borran.",
    ]


def _left_out(row: Row, pending: int) -> str:
    will = words.told_of("[llamará|escribirá]", row)
    if pending == 1:
        return f"A la persona que falta no se le {will}."
    return f"A las {words.number(pending)} personas que faltan no se les {will}." if pending else "No falta nadie."


def _lacking(pending: int) -> str:
    return f"{'falta' if pending == 1 else 'faltan'} {words.people(pending)}"


def on_refusal(row: Row, status: Status) -> list[str]:
    return [
        words.told_of("La solicitud termina aquí, sin [llamar|escribir] a nadie. No se puede deshacer.", row),
        "La línea leerá el motivo. Para intentarlo de nuevo habrá que hacer otra solicitud.",
    ]


def on_pause(row: Row, status: Status) -> list[str]:
    return [
        words.told_of("No se [marca|escribe] a nadie más hasta que alguien la reanude: ", row)
        + f"{_lacking(status.pending)}.",
        *_live(status),
    ]


def on_resume(row: Row, status: Status) -> list[str]:
    window, now = _window(row), office().clock.now()
    opens = None if window.is_open(now) else window.next_open(now)
    when = f"el {words.long_moment(opens)}, cuando abre el horario legal" if opens else "de inmediato"
    return [f"{words.told_of('Se vuelve a [marcar|escribir]', row)} {when}: {_lacking(status.pending)}."]
