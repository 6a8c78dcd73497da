"""The indicators of a campaign of calls, by the names that contracts use, each with its formula (requirements.md §9).

A record (registro) is a row of the upload; a call (llamada) is one that the telephone network took.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from reports.document import Rate, Seconds, Times, Value

MOST_ABANDONED = 0.03  # of calls that a person answered: Ofcom's limit, which the institution takes for its own


class Unit(StrEnum):
    RATE = "%"
    TIMES = "veces"
    SECONDS = "min:s"


_CELLS: dict[Unit, type[float]] = {Unit.RATE: Rate, Unit.TIMES: Times, Unit.SECONDS: Seconds}


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted of a campaign (counting.py). Records first, then calls."""

    requested: int  #: cantidad_registros of the request
    received: int  #: rows of the file
    rejected: int  #: rows in error, without a usable telephone, or twice in it: never loaded
    bad_numbers_at_load: int  #: of them, those whose telephone is none
    excluded: int
    called: int  #: records with one call or more; of a campaign that texts alone, with a text
    contacted: int  #: of them, those in which a person answered who spoke for the record, or knew of it
    confirmed: int  #: of them, those in which the holder was confirmed
    met: int  #: of them, those that heard the message to its end or left what was asked of them
    passed: int  #: records that passed the security questions
    failed: int  #: and those that did not, and never did later
    unreached: int  #: called and over, and there was never a contact
    tried: int  #: records of which a telephone was tried: called, or refused by the network
    with_bad_number: int  #: of them, those with a wrong number, or one that the network does not reach
    opted_out: int  #: of those contacted, the ones that asked for no more calls
    pending: int  #: records that may still be called
    calls: int
    answered: int  #: by anybody or anything
    by_machine: int  #: of them, by a machine
    by_person: int  #: of them, by a person
    heard_whole: int  #: calls in which the message was heard to its end
    unspoken: int  #: calls that a person answered, and in which our greeting never began
    delivered: int = 0  #: records that a text arrived for

    @property
    def loaded(self) -> int:
        return self.received - self.rejected


@dataclass(frozen=True, slots=True)
class Indicator:
    """``part`` ÷ ``whole``; ``formula`` is what the report prints beside it; ``limit``: what it should not exceed."""

    name: str
    formula: str
    part: int
    whole: int
    unit: Unit = Unit.RATE
    limit: float | None = None

    @property
    def value(self) -> float | None:
        """The ratio; None where there is nothing to compare with."""
        return self.part / self.whole if self.whole else None

    @property
    def shown(self) -> Value:
        """The same as a cell says it."""
        return self.value if self.value is None else _CELLS[self.unit](self.value)

    @property
    def shown_part(self) -> Value:
        return Seconds(self.part) if self.unit is Unit.SECONDS else self.part

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.value is not None and self.value > self.limit


def barrido(c: Counts) -> Indicator:
    """Registros marcados ÷ registros cargados."""
    return _rate("Barrido", barrido, c.called, c.loaded)


def intensidad(c: Counts) -> Indicator:
    """Llamadas hechas ÷ registros marcados."""
    return Indicator("Intensidad", intensidad.__doc__ or "", c.calls, c.called, Unit.TIMES)


def contactabilidad(c: Counts) -> Indicator:
    """Registros con contacto (contestó una persona que habló con la línea) ÷ registros gestionados (marcados)."""
    return _rate("Contactabilidad", contactabilidad, c.contacted, c.called)


def contacto_efectivo(c: Counts) -> Indicator:
    """Registros con titular confirmado ÷ registros con contacto."""
    return _rate("Contacto efectivo", contacto_efectivo, c.confirmed, c.contacted)


def efectividad(c: Counts) -> Indicator:
    """Registros con objetivo cumplido (mensaje completo o dato recolectado) ÷ contacto efectivo."""
    return _rate("Efectividad", efectividad, c.met, c.confirmed)


def efectividad_base(c: Counts) -> Indicator:
    """Registros con objetivo cumplido (mensaje completo o dato recolectado) ÷ registros cargados."""
    return _rate("Efectividad sobre la base", efectividad_base, c.met, c.loaded)


def superacion(c: Counts) -> Indicator:
    """Registros que superan las preguntas de seguridad ÷ registros preguntados (los que superan más los que no)."""
    return _rate("Tasa de superación de seguridad", superacion, c.passed, c.passed + c.failed)


def mensaje_completo(c: Counts) -> Indicator:
    """Llamadas en que se oyó todo el mensaje ÷ llamadas contestadas (por una persona o por un buzón)."""
    return _rate("Mensaje completo", mensaje_completo, c.heard_whole, c.answered)


def ilocalizados(c: Counts) -> Indicator:
    """Registros marcados que ya se dieron por terminados sin ningún contacto ÷ registros marcados."""
    return _rate("Ilocalizados", ilocalizados, c.unreached, c.called)


def numeros_errados(c: Counts) -> Indicator:
    """Registros con un número equivocado, inválido o que la red no alcanza ÷ registros de los que se probó un número
    (los inválidos al cargar incluidos)."""
    bad = c.with_bad_number + c.bad_numbers_at_load
    return _rate("Números errados %", numeros_errados, bad, c.tried + c.bad_numbers_at_load)


def numeros_errados_del_periodo(c: Counts) -> Indicator:
    """Registros con un número equivocado o que la red no alcanza ÷ registros de los que se probó un número."""
    return _rate("Números errados %", numeros_errados_del_periodo, c.with_bad_number, c.tried)


def buzon(c: Counts) -> Indicator:
    """Llamadas que contestó un buzón ÷ llamadas contestadas."""
    return _rate("Buzón %", buzon, c.by_machine, c.answered)


def opt_out(c: Counts) -> Indicator:
    """Registros que pidieron no recibir más llamadas ÷ registros con contacto."""
    return _rate("Opt-out %", opt_out, c.opted_out, c.contacted)


def abandono(c: Counts) -> Indicator:
    """Llamadas que contestó una persona y en las que el saludo nunca empezó ÷ llamadas que contestó una persona; no
    debe pasar del 3 %."""
    # §9 says «en 2 segundos»: the greeting is in the document with which we answer, and waits for nothing.
    formula = _one_line(abandono.__doc__)
    return Indicator("Abandono del marcador", formula, c.unspoken, c.by_person, limit=MOST_ABANDONED)


#: In the order in which the report prints them.
OUTBOUND: tuple[Callable[[Counts], Indicator], ...] = (
    *(barrido, intensidad, contactabilidad, contacto_efectivo, efectividad, efectividad_base, superacion),
    *(mensaje_completo, ilocalizados, numeros_errados, buzon, opt_out, abandono),
)


#: Those that days have: whom nobody reached, and what a file brought along, is known of a whole campaign alone.
OF_A_PERIOD: tuple[Callable[[Counts], Indicator], ...] = (
    *(barrido, intensidad, contactabilidad, contacto_efectivo, efectividad, efectividad_base, superacion),
    *(mensaje_completo, numeros_errados_del_periodo, buzon, opt_out, abandono),
)


def outbound(counts: Counts) -> list[Indicator]:
    """Every indicator of a campaign."""
    return [each(counts) for each in OUTBOUND]


def of_a_period(counts: Counts) -> list[Indicator]:
    """Every indicator of the calls of some days."""
    return [each(counts) for each in OF_A_PERIOD]


def total(each: Iterable[Counts]) -> Counts:
    """Of several campaigns together: a record is one in each of them."""
    found = list(each)
    return Counts(**{field.name: sum(getattr(one, field.name) for one in found) for field in fields(Counts)})


def _rate(name: str, function: Callable[[Counts], Indicator], part: int, whole: int) -> Indicator:
    return Indicator(name, _one_line(function.__doc__), part, whole)


def _one_line(text: str | None) -> str:
    """The formula as it is printed; ``python -OO`` has none."""
    return " ".join((text or "").split())
