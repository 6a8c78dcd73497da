"""The indicators of calls that come in, and of what was written of them (requirements.md §9), each with its formula."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.calls import Day
from reports.consultations import Consultations, Pendings
from reports.indicators import Indicator, Unit
from reports.measures import Thresholds


@dataclass(frozen=True)
class Service:
    """What was counted: calls as in calls.Day, added up; consultations that people saved, those of them that ended
    ``at_once``; those whose 24 hours ran out (``due``) and that were closed before (``closed``). ``limits``: each that
    was in force on some of the days."""

    limits: Sequence[Thresholds]
    received: int
    alone: int
    asked: int
    attended: int
    abandoned: int
    in_time: int
    short: int
    moved: int
    waited: float
    talked: float
    wrote: float
    saved: int
    at_once: int
    due: int
    closed: int


_CALLS = (
    "received",
    "alone",
    "asked",
    "attended",
    "abandoned",
    "in_time",
    "short",
    "moved",
    "waited",
    "talked",
    "wrote",
)


def service_of(
    days: Iterable[Day],
    consultations: Iterable[Consultations],
    pendings: Iterable[Pendings],
    limits: Sequence[Thresholds],
) -> Service:
    """All of these together. ``limits``: those by which the days were counted."""
    days, consultations, pendings = list(days), list(consultations), list(pendings)
    return Service(
        limits=limits,
        **{name: sum(getattr(day, name) for day in days) for name in _CALLS},
        saved=sum(each.by_people for each in consultations),
        at_once=sum(each.at_once for each in consultations),
        due=sum(each.due for each in pendings),
        closed=sum(each.in_time for each in pendings),
    )


Formula = Callable[[Service], Indicator]  #: its docstring is what is printed


def nivel_de_atencion(s: Service) -> Indicator:
    """Atendidas por una persona ÷ ofrecidas (las que pidieron una persona)."""
    return _rate("Nivel de atención", nivel_de_atencion, s.limits, s.attended, s.asked)


def nivel_de_servicio(s: Service) -> Indicator:
    """Atendidas en {in_time} o menos ÷ ofrecidas, con los abandonos cortos."""
    return _rate("Nivel de servicio, con abandonos cortos", nivel_de_servicio, s.limits, s.in_time, s.asked)


def nivel_de_servicio_sin_cortos(s: Service) -> Indicator:
    """Atendidas en {in_time} o menos ÷ ofrecidas, menos las que colgaron en {short} o menos."""
    name = "Nivel de servicio, sin abandonos cortos"
    return _rate(name, nivel_de_servicio_sin_cortos, s.limits, s.in_time, s.asked - s.short)


def abandono(s: Service) -> Indicator:
    """Colgaron sin que nadie les atendiera ÷ ofrecidas. Quien dejó un mensaje o pidió que se le llame no abandonó."""
    return _rate("Abandono", abandono, s.limits, s.abandoned, s.asked)


def asa(s: Service) -> Indicator:
    """Tiempo que esperaron las atendidas, hasta que contestó una persona ÷ atendidas."""
    return _seconds("Tiempo promedio de espera (ASA)", asa, s.limits, s.waited, s.attended)


def aht(s: Service) -> Indicator:
    """Tiempo de conversación, con sus pausas en espera, más el de escribir después ÷ atendidas."""
    return _seconds("Tiempo medio de operación (AHT)", aht, s.limits, s.talked + s.wrote, s.attended)


def fcr(s: Service) -> Indicator:
    """Consultas que se cerraron en la misma conversación en que se abrieron ÷ consultas que guardó una persona."""
    return _rate("Resolución en el primer contacto (FCR)", fcr, s.limits, s.at_once, s.saved)


def contencion(s: Service) -> Indicator:
    """Llamadas que terminaron sin pedir una persona ÷ llamadas que recibió la línea."""
    return _rate("Contención del IVR", contencion, s.limits, s.alone, s.received)


def transferencias(s: Service) -> Indicator:
    """Atendidas que pasaron a otra persona, a otra cola o a la línea del PIN ÷ atendidas."""
    return _rate("Transferencias %", transferencias, s.limits, s.moved, s.attended)


def pendientes(s: Service) -> Indicator:
    """Consultas pendientes que se cerraron antes de 24 horas ÷ consultas cuyas 24 horas se cumplieron en el período."""
    return _rate("Pendientes cerrados antes de 24 h %", pendientes, s.limits, s.closed, s.due)


#: In the order in which the report prints them.
INBOUND: tuple[Formula, ...] = (
    *(nivel_de_atencion, nivel_de_servicio, nivel_de_servicio_sin_cortos, abandono, asa, aht),
    *(fcr, contencion, transferencias, pendientes),
)


def inbound(counted: Service) -> list[Indicator]:
    """Every indicator of what came in."""
    return [each(counted) for each in INBOUND]


def _rate(name: str, function: Formula, limits: Sequence[Thresholds], part: int, whole: int) -> Indicator:
    return Indicator(name, _formula(function, limits), part, whole)


def _seconds(name: str, function: Formula, limits: Sequence[Thresholds], part: float, whole: int) -> Indicator:
    return Indicator(name, _formula(function, limits), round(part), whole, Unit.SECONDS)


def _formula(function: Formula, limits: Sequence[Thresholds]) -> str:
    told = " ".join((function.__doc__ or "").split())
    return told.format(
        in_time=_seconds_told([each.in_time for each in limits]), short=_seconds_told([each.short for each in limits])
    )


def _seconds_told(each: Sequence[int]) -> str:
    """``20 segundos``; where it was changed, ``20 o 30 segundos, según el día,``."""
    different = list(dict.fromkeys(each))
    told = f"{' o '.join(map(str, different))} segundos"
    return told if len(different) == 1 else f"{told}, según el día,"
