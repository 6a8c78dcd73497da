"""Invented people of three countries, each telephone with a fate of its own, and their campaigns' requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.countries import COUNTRIES
from demo.invent import REQUEST, citizen
from demo.people import Someone, fate_of, personas


@dataclass(frozen=True)
class Place:
    """Where people live: the line that calls them, their documents, and how their telephones begin.

    ``zone``: the hour there, where it is not the country's.
    """

    country: str
    line: str
    entity: str
    callback: str
    documents: str
    prefix: str
    digits: int  #: of a telephone, after the prefix
    zone: str | None = None


PLACES = (
    Place("SV", "dgs", "Dirección General de Subsidios", "2237-3333", "DUI", "+5037", 7),
    Place("CO", "uariv", "Unidad para las Víctimas", "601 000 0000", "CC", "+57310", 7),
    Place("MX", "issemym", "ISSEMYM", "55 5000 0000", "OTRO", "+5255", 8),
    Place("MX", "issemym", "ISSEMYM", "55 5000 0000", "OTRO", "+52664", 7, "America/Tijuana"),
)
MOST_PHONES = 3
_FIRST_OF_THEM = 1_000_000  # the number after the prefix of the first one's telephone


@dataclass(frozen=True)
class Person:
    """``phones`` in E.164, each with its fate (demo/people.py)."""

    number: int
    place: Place
    document: str
    name: str
    born: date
    phones: tuple[str, ...]
    fates: tuple[str, ...]

    @property
    def ddmm(self) -> str:
        return f"{self.born:%d%m}"

    @property
    def last4(self) -> str:
        return self.document.replace("-", "")[-4:]


def person(number: int, place: Place) -> Person:
    """The person of this number (from 0), the same one each time: one to three telephones, by turns."""
    invented = citizen(number)
    count = 1 + number % MOST_PHONES
    first = number * MOST_PHONES
    phones = tuple(f"{place.prefix}{_FIRST_OF_THEM + first + nth:0{place.digits}}" for nth in range(count))
    document = invented.document if place.documents == "DUI" else f"{1_000_000_000 + number * 37}"
    fates = tuple(fate_of(first + nth) for nth in range(count))
    return Person(number, place, document, invented.name, invented.born, phones, fates)


def personas_of(people: Iterable[Person], speed: float) -> str:
    """The personas' file. ``speed``: real seconds for each simulated one.

    Whoever answers at a place of the list has the fate of that place: so each telephone stands at its own.
    """
    owners = {each.number * MOST_PHONES + nth: each for each in people for nth in range(len(each.phones))}
    last = max(owners, default=-1)
    listed = [_at(owners.get(place), place % MOST_PHONES) for place in range(last + 1)]
    return personas(listed, speed=speed)


def _at(owner: Person | None, nth: int) -> Someone:
    return Someone((), "", "") if owner is None else Someone((owner.phones[nth],), owner.ddmm, owner.last4)


def formato(people: Sequence[Person], name: str, now: datetime) -> bytes:
    """A *Formato Campañas OutBound V1* in CSV with these people of one country, for the three weeks from ``now`` on."""
    place = people[0].place
    today = now.astimezone(COUNTRIES[place.country].zone).date()
    request = REQUEST | {
        "nombre_campana": name,
        "pais": place.country,
        "linea": place.line,
        "entidad": place.entity,
        "numero_devolucion_llamada": place.callback,
        "fecha_solicitud": f"{today:%d/%m/%Y}",
        "fecha_inicio": f"{today + timedelta(days=7):%d/%m/%Y}",
        "fecha_fin": f"{today + timedelta(days=28):%d/%m/%Y}",
        "cantidad_registros": str(len(people)),
        "base_legal_tratamiento": "Norma del simulacro",
    }
    lines = [f"#{field};{value}" for field, value in request.items()]
    phones = ";".join(f"telefono_{nth + 1}" for nth in range(MOST_PHONES))
    lines += [
        "",
        f"id_registro;tipo_documento;numero_documento;primer_nombre;primer_apellido;fecha_nacimiento;{phones}",
    ]
    for each in people:
        numbers = ";".join((*each.phones, *[""] * (MOST_PHONES - len(each.phones))))
        who = f"{each.place.documents};{each.document};{each.name};Simulacro;{each.born:%d/%m/%Y}"
        lines.append(f"R-{each.number:06};{who};{numbers}")
    return "\r\n".join(lines).encode()
