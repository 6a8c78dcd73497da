"""Where a citizen's clock stands, where their country has more than one (requirements.md §5)."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from phonenumbers import parse
from phonenumbers.timezone import time_zones_for_number

from core.countries import COUNTRIES

_TIJUANA, _JUAREZ, _OJINAGA = "America/Tijuana", "America/Ciudad_Juarez", "America/Ojinaga"
_MATAMOROS, _CANCUN = "America/Matamoros", "America/Cancun"
_HERMOSILLO, _MAZATLAN = "America/Hermosillo", "America/Mazatlan"

#: By country's code, for whoever asks with one that may be missing or wrong.
OTHER_ZONES = {code: country.other_zones for code, country in COUNTRIES.items()}

_STATES = {
    **dict.fromkeys(("baja california", "bc", "bcn", "b c"), _TIJUANA),
    **dict.fromkeys(("baja california sur", "bcs", "b c s"), _MAZATLAN),
    **dict.fromkeys(("sonora", "son"), _HERMOSILLO),
    **dict.fromkeys(("sinaloa", "sin"), _MAZATLAN),
    **dict.fromkeys(("nayarit", "nay"), _MAZATLAN),
    **dict.fromkeys(("quintana roo", "q roo", "qroo", "qr"), _CANCUN),
}
#: The other states all keep the centre's time, but for the towns of ``_TOWNS``.
_CENTRAL = frozenset(
    {
        *("aguascalientes", "ags", "campeche", "camp", "chiapas", "chis", "chihuahua", "chih"),
        *("ciudad de mexico", "cdmx", "df", "distrito federal", "coahuila", "coahuila de zaragoza", "coah"),
        *("colima", "col", "durango", "dgo", "guanajuato", "gto", "guerrero", "gro", "hidalgo", "hgo"),
        *("jalisco", "jal", "mexico", "estado de mexico", "edomex", "mex", "michoacan", "michoacan de ocampo"),
        *("mich", "morelos", "mor", "nuevo leon", "nl", "n l", "oaxaca", "oax", "puebla", "pue", "queretaro"),
        *("qro", "san luis potosi", "slp", "tabasco", "tab", "tamaulipas", "tamps", "tlaxcala", "tlax"),
        *("veracruz", "veracruz de ignacio de la llave", "ver", "yucatan", "yuc", "zacatecas", "zac"),
    }
)
#: Towns that keep another time than their state: those along the northern border, and Bahía de Banderas.
_TOWNS: dict[str, Mapping[str, str | None]] = {
    "chihuahua": dict.fromkeys(
        ("juarez", "ciudad juarez", "janos", "ascension", "guadalupe", "praxedis g guerrero"), _JUAREZ
    )
    | dict.fromkeys(("ojinaga", "coyame del sotol", "manuel benavides"), _OJINAGA),
    "coahuila": dict.fromkeys(
        ("acuna", "ciudad acuna", "allende", "guerrero", "hidalgo", "jimenez", "morelos", "nava", "ocampo")
        + ("piedras negras", "villa union", "zaragoza"),
        _MATAMOROS,
    ),
    "nuevo leon": {"anahuac": _MATAMOROS},
    "tamaulipas": dict.fromkeys(
        ("nuevo laredo", "guerrero", "mier", "miguel aleman", "camargo", "gustavo diaz ordaz", "reynosa", "rio bravo")
        + ("valle hermoso", "matamoros"),
        _MATAMOROS,
    ),
    "nayarit": {"bahia de banderas": None},
}
_SAME_STATE = {"chih": "chihuahua", "coah": "coahuila", "coahuila de zaragoza": "coahuila", "nl": "nuevo leon"}
_SAME_STATE |= {"n l": "nuevo leon", "tamps": "tamaulipas", "nay": "nayarit"}
#: The library still has all of Chihuahua on the Pacific's time, which it left in 2022: its area codes tell nothing.
_CHIHUAHUA = ("614", "621", "625", "627", "628", "629", "635", "636", "639", "648", "649", "652", "659")


def zone_for(country: str, departamento: str, phone: str, municipio: str = "") -> str | None:
    """The IANA zone of a citizen, or None where it is the country's own (or nobody can tell).

    By ``departamento`` (in Mexico, the state) and, along its northern border, ``municipio``; else by ``phone`` (E.164),
    where its area code is of one zone alone.
    """
    if not OTHER_ZONES.get(country):
        return None
    state = _plain(departamento)
    if state in _STATES or state in _CENTRAL:
        zone = _STATES.get(state)
        return _TOWNS.get(_SAME_STATE.get(state, state), {}).get(_plain(municipio), zone) if municipio else zone
    found = _zone_of_area(phone[:6]) if phone.startswith("+52") else None
    return found if found in OTHER_ZONES[country] else None


@cache
def _zone_of_area(beginning: str) -> str | None:
    """``+52`` and an area code's three digits: the library tells zones by no more than that."""
    if beginning[3:].startswith(_CHIHUAHUA):
        return None
    zones = time_zones_for_number(parse(beginning + "0" * (13 - len(beginning))))
    return zones[0] if len(zones) == 1 else None


@lru_cache(maxsize=4096)  # the towns of a list repeat; what people write has no end
def _plain(told: str) -> str:
    """Lower case, no accents, no signs: ``Q. Roo`` → ``q roo``."""
    letters = unicodedata.normalize("NFKD", told.strip().lower())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in letters if not unicodedata.combining(c))).strip()
