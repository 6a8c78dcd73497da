"""Numbers, telephones, dates, hours and money as words for the ear: no figure is left to a voice's guess."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from num2words import num2words

from core.phones import CALLING_CODE, in_two

KEY_WORDS = {
    "0": "cero",
    "1": "uno",
    "2": "dos",
    "3": "tres",
    "4": "cuatro",
    "5": "cinco",
    "6": "seis",
    "7": "siete",
    "8": "ocho",
    "9": "nueve",
    "*": "asterisco",
    "#": "numeral",
}
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
#: How the names of institutions begin.
_FEMININE = re.compile(
    "agencia|alcaldia|autoridad|caja|camara|comision|contraloria|coordinacion|corporacion|corte|defensoria|direccion|"
    "fiscalia|fundacion|gobernacion|junta|linea|municipalidad|oficina|presidencia|procuraduria|registraduria|"
    "secretaria|subdireccion|subsecretaria|superintendencia|unidad|universidad|vicepresidencia"
)
_MASCULINE = re.compile(
    "ayuntamiento|banco|centro|congreso|consejo|departamento|despacho|fondo|gobierno|hospital|instituto|ministerio|"
    "municipio|programa|registro|servicio|sistema|tribunal|viceministerio"
)
_YES_OR_NO = re.compile(r"(?:sí|si|no)\b", re.IGNORECASE)
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_CURRENCIES = {"SV": ("dólar", "dólares"), "CO": ("peso", "pesos"), "MX": ("peso", "pesos")}
_SAID_IN_ADDRESSES = {
    **{".": "punto", "/": "diagonal", "-": "guion", "_": "guion bajo"},
    **{"www": "triple doble u", "mx": "eme equis", "sv": "ese ve", "co": "ce o"},
}
_PARTICLES = {"de", "del", "la", "las", "los", "y"}


def number(value: object) -> str:
    """A whole number in words: 21000 → «veintiún mil». Raises ValueError."""
    whole = _decimal(value)
    if whole != whole.to_integral_value():
        raise ValueError("not a whole number")
    return _whole(int(whole))


def digits(value: object) -> str:
    """Each figure by itself, with a pause between groups of two to four: a PIN, never a quantity (requirements §8).

    The value is text, since a number would have lost its zeros. Raises ValueError.
    """
    if not isinstance(value, str):
        raise ValueError("figures are given as text")
    return _spell(_figures(value))


def phone(value: object, country: str) -> str:
    """A telephone figure by figure, in the groups of its country: SV 4-4, CO and MX 3-3-4 (requirements §8).

    ``value``: E.164, a national number, or a short one (131). Another country's is said with its calling code.
    Raises ValueError.
    """
    code, national = _national(value, country)
    return f"más, {_spell(code)}… {_spell(national)}" if code else _spell(national)


def phone_figures(value: object, country: str) -> str:
    """A telephone to be read, not heard: «2237-3333», «722 226 1950». Raises ValueError."""
    code, national = _national(value, country)
    written = ("-" if country == "SV" else " ").join(_grouped(national))
    return f"+{code} {written}" if code else written


def web_address(value: object) -> str:
    """A web address, piece by piece: «triple doble u, punto, issemym, punto, gob, punto, eme equis» (requirements §8).

    Raises ValueError.
    """
    pieces = re.findall(r"[a-z0-9]+|[./_-]", re.sub(r"^https?://", "", str(value).strip().lower()).rstrip("/"))
    if "." not in pieces:
        raise ValueError("not a web address")
    return ", ".join(_SAID_IN_ADDRESSES.get(piece, piece) for piece in pieces)


def day(value: object) -> str:
    """A date: «primero de mayo de dos mil veintiséis». Takes a date or its ISO text. Raises ValueError."""
    moment = date.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, date):
        raise ValueError("not a date")
    first = "primero" if moment.day == 1 else _whole(moment.day)
    return f"{first} de {MONTHS[moment.month - 1]} de {_whole(moment.year)}"


def day_from(then: date, today: date) -> str:
    """A day to come as people say it: «hoy», «mañana», «el lunes treinta de noviembre»."""
    ahead = (then - today).days
    if ahead in (0, 1):
        return ("hoy", "mañana")[ahead]
    first = "primero" if then.day == 1 else _whole(then.day)
    return f"el {WEEKDAYS[then.weekday()]} {first} de {MONTHS[then.month - 1]}"


def hour(value: object) -> str:
    """An hour of the day, of twelve hours and with its article: «las siete y media de la mañana».

    Takes a time, a local datetime, or «HH:MM». Raises ValueError.
    """
    moment = time.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, time | datetime):
        raise ValueError("not an hour")
    twelve = (moment.hour - 1) % 12 + 1
    said = "la una" if twelve == 1 else f"las {_whole(twelve)}"
    if moment.minute:
        said += " y media" if moment.minute == 30 else f" y {_whole(moment.minute)}"
    return f"{said} {_part_of_day(moment.hour)}"


def money(value: object, country: str) -> str:
    """An amount in the country's currency: «ocho dólares con cuatro centavos». Raises ValueError."""
    if country not in _CURRENCIES:
        raise ValueError("no currency for that country")
    amount = _decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if amount < 0:
        raise ValueError("a negative amount")
    whole, cents = divmod(int(amount * 100), 100)
    units = f"{_before_noun(whole)} {_unit(whole, *_CURRENCIES[country])}"
    hundredths = f"{_before_noun(cents)} {_unit(cents, 'centavo', 'centavos')}"
    if not cents:
        return units
    return f"{units} con {hundredths}" if whole else hundredths


def given_name(value: object) -> str:
    """A name as it is written and not as a form shouts it: «MARÍA DE LOS ÁNGELES» → «María de los Ángeles»."""
    name = " ".join(str(value).split())
    if not (name.isupper() or name.islower()):
        return name
    words = name.lower().split(" ")
    return " ".join(word if word in _PARTICLES and place else word.title() for place, word in enumerate(words))


def with_article(name: str) -> str:
    """An institution as the subject of a sentence: «la Dirección General de Subsidios», «el Ministerio de Salud». As it
    is where it has an article already, or begins with a word whose gender nobody wrote down here."""
    first = unicodedata.normalize("NFKD", name.split(" ")[0]).encode("ascii", "ignore").decode().lower()
    article = "la" if _FEMININE.fullmatch(first) else "el" if _MASCULINE.fullmatch(first) else ""
    return f"{article} {name}".strip()


def greeting(local: datetime) -> str:
    """«buenos días» before 12:00, «buenas tardes» to 18:59, «buenas noches» from 19:00 (R94)."""
    return _by_hour(local, "buenos días", "buenas tardes", "buenas noches")


def farewell(local: datetime) -> str:
    """«buen día», «buena tarde» or «buena noche», by the same hours as the greeting (R102)."""
    return _by_hour(local, "buen día", "buena tarde", "buena noche")


def spoken_options(options: Mapping[str, str]) -> str:
    """The answers of a question, action before key: {"1": "Sí"} → «Para sí, marque uno.»

    Raises KeyError for a key that no telephone has.
    """
    return " ".join(f"Para {_inside(answer)}, marque {KEY_WORDS[key]}." for key, answer in options.items())


def _inside(answer: str) -> str:
    """An answer within a sentence: yes and no lose their capital; any other may be a name."""
    return answer[:1].lower() + answer[1:] if _YES_OR_NO.match(answer) else answer


def _by_hour(local: datetime, morning: str, afternoon: str, night: str) -> str:
    if local.hour < 12:
        return morning
    return afternoon if local.hour < 19 else night


def _part_of_day(hour_of_day: int) -> str:
    if hour_of_day == 12:
        return "del mediodía"
    if 1 <= hour_of_day < 6:
        return "de la madrugada"
    if 6 <= hour_of_day < 12:
        return "de la mañana"
    return "de la tarde" if 12 < hour_of_day < 19 else "de la noche"


def _decimal(value: object) -> Decimal:
    try:
        result = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not result.is_finite() or abs(result) >= 10**12:
        raise ValueError("not a number that is said")
    return result


def _whole(value: int) -> str:
    # num2words says «veintiuno mil»; Spanish says «veintiún mil», «treinta y un millones».
    return _shorten_uno(str(num2words(value, lang="es")), r"(?= mil)")


def _before_noun(value: int) -> str:
    """«un», «veintiún», «un millón de»: as the number stands before what it counts."""
    words = _shorten_uno(_whole(value), r"$")
    return f"{words} de" if re.search(r"mill(ón|ones)$", words) else words


def _shorten_uno(words: str, before: str) -> str:
    return re.sub(rf"\buno{before}", "un", re.sub(rf"veintiuno{before}", "veintiún", words))


def _unit(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _figures(text: str) -> str:
    figures = re.sub(r"[\s().\-]", "", text)
    if not figures or not KEY_WORDS.keys() >= set(figures):
        raise ValueError("not the figures of a keypad")
    return figures


def _grouped(figures: str) -> list[str]:
    """The fewest groups of at most four, the shorter ones first: 8 → 4-4, 10 → 3-3-4, 9 → 3-3-3."""
    count = -(-len(figures) // 4)
    size, longer = divmod(len(figures), count)
    sizes = [size] * (count - longer) + [size + 1] * longer
    ends = [sum(sizes[: place + 1]) for place in range(count)]
    return [figures[end - length : end] for end, length in zip(ends, sizes, strict=True)]


def _spell(figures: str) -> str:
    return "… ".join(", ".join(KEY_WORDS[figure] for figure in group) for group in _grouped(figures))


def _national(value: object, country: str) -> tuple[str, str]:
    """The calling code, empty at home, and the rest. Raises ValueError."""
    if not isinstance(value, str) or country not in CALLING_CODE:
        raise ValueError("not a telephone")
    text = value.strip()
    if not text.startswith("+"):
        return "", _figures(text)
    code, national = in_two(f"+{_figures(text[1:])}")
    return "" if code == CALLING_CODE[country] else code, national
