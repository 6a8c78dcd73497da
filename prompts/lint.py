"""Judges every sentence of a catalogue as whoever hears it would: length, menus, placeholders, ease, manner."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from prompts import style
from prompts.catalog import Catalog
from prompts.reading import ease
from prompts.written import gsm7_length, is_gsm7

CHARACTERS_A_SECOND = 15
MOST_SECONDS = 20.0
MOST_OPTIONS = 5
LEAST_EASE = 65.0  #: INFLESZ: «bastante fácil» begins here
SMS_CHARACTERS = 160
WRITTEN = "sms."  #: keys of texts that are read, not heard
CONVERSED = "chat."  #: and of those that go in a written conversation, where there is room and every letter

#: A typical value for every placeholder that the product supplies, all invented. A sentence may use no other.
SAMPLES: dict[str, object] = {
    "entidad": "Dirección General de Subsidios",
    "operador": "+50322373333",
    "numero": "+50322373333",
    "greeting": "buenas tardes",
    "farewell": "buena tarde",
    "mes": "noviembre",
    "pin": "4819",
    "number": "+50322373333",
    "day": date(2026, 9, 27),
    "hour": time(15, 30),
    "extension": "1415050",
    "persona": "MARÍA JOSÉ HERNÁNDEZ",
    "personas": " ".join(
        f"Si busca a María José Hernández, marque {n}." for n in ("uno", "dos", "tres", "cuatro", "cinco")
    ),
    "delante": 12,
    "minutos": 21,
    "abre_dia": "el miércoles treinta y uno de diciembre",
    "abre_hora": "08:00",
    "cola": "Atención general",
    "amount": "8.04",
    "n": 24,
    "name": "MARÍA JOSÉ",
    "presentacion": "Dirección General de Subsidios",
    "devolucion": "+50322373333",
    "primer_nombre": "FRANCISCO",
    "pregunta": "Marque el mes en que recibió su último subsidio.",
    "opciones": "Para sí, marque uno. Para no, marque dos.",
    "mensaje": "A partir de este mes usted cuenta con el subsidio al gas. Para activar su PIN, llame a nuestro número.",
    "mensaje_buzon": "Le llamó una institución pública. Por favor, llámenos en horas de oficina.",
    "aviso_privacidad": "Usamos sus datos solo para este aviso. Usted nos los dio al pedir el subsidio.",
    "cierre": "Gracias por su atención. Le recordamos que este servicio es gratuito. Que tenga buena tarde.",
}


@dataclass(frozen=True, slots=True)
class Typical:
    """With which values a line's sentences are measured: every placeholder of the product, and its own contacts."""

    values: Mapping[str, object]
    country: str = "SV"

    @classmethod
    def of_nobody(cls) -> "Typical":
        return cls(SAMPLES)

    @classmethod
    def of_line(cls, values: Mapping[str, object], country: str) -> "Typical":
        """``values``: what this line gives to all of its sentences."""
        return cls({**SAMPLES, **values}, country)


class Rule(StrEnum):
    """What a sentence can fail."""

    LENGTH = "length"  #: over 20 s of speech, or over 160 characters of SMS
    OPTIONS = "options"  #: over five, or the keys it says are not those it offers
    KEY_FIRST = "key_first"  #: the key before the action
    PLACEHOLDER = "placeholder"  #: a value that nobody supplies
    EASE = "ease"  #: INFLESZ under 65
    DIMINUTIVE = "diminutive"
    ABBREVIATION = "abbreviation"
    FIGURES = "figures"  #: a number not written as words
    FAMILIAR = "familiar"  #: tú or vos
    ALPHABET = "alphabet"  #: an SMS outside GSM-7


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one sentence. ``message`` is for whoever writes the sentences, in Spanish."""

    key: str
    rule: Rule
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence's line in the table of ``pregonero prompts check``. ``ease`` is None without words of ours."""

    key: str
    seconds: float
    options: tuple[str, ...]
    placeholders: tuple[str, ...]
    ease: float | None


Check = Callable[[Catalog, str, Typical], Iterator[str]]


def lint(catalog: Catalog, typical: Typical | None = None) -> list[Finding]:
    """Every fault of every sentence, in the order of the catalogue. An empty list is a catalogue fit to be heard."""
    keys, typical = catalog.keys(), typical or Typical.of_nobody()
    return [
        Finding(key, rule, message)
        for key in keys
        for rule, check in _rules_of(key)
        for message in check(catalog, key, typical)
    ]


def table(catalog: Catalog, typical: Typical | None = None) -> list[Row]:
    """One row a sentence, in the order of the catalogue."""
    keys, typical = catalog.keys(), typical or Typical.of_nobody()
    return [_row(catalog, key, typical) for key in keys]


def seconds(catalog: Catalog, keys: Iterable[str], typical: Typical | None = None) -> float:
    """How long these sentences take to say, one after another, with typical values: 15 characters a second."""
    return sum(len(_sample(catalog, key, typical or Typical.of_nobody())) for key in keys) / CHARACTERS_A_SECOND


def _rules_of(key: str) -> tuple[tuple[Rule, Check], ...]:
    if key.startswith(CONVERSED):
        return _CONVERSED_RULES
    return _WRITTEN_RULES if key.startswith(WRITTEN) else _SPOKEN_RULES


def _row(catalog: Catalog, key: str, typical: Typical) -> Row:
    names = tuple(dict.fromkeys(place.name for place in catalog.placeholders(key)))
    return Row(key, seconds(catalog, [key], typical), catalog.options(key), names, ease(catalog.own_words(key)))


def _sample(catalog: Catalog, key: str, typical: Typical) -> str:
    places = [place for place in catalog.placeholders(key) if place.name not in typical.values]
    if any(place.format for place in places):
        return catalog.own_words(key)
    unknown = {place.name: "" for place in places}
    return catalog.say(key, {**typical.values, **unknown}, typical.country).text


def _length(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    if (long := seconds(catalog, [key], typical)) > MOST_SECONDS:
        yield f"dura {long:.1f} segundos; como mucho, {MOST_SECONDS:g}"


def _options(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    offered, said = catalog.options(key), tuple(style.keys_pressed(catalog.own_words(key)))
    if len(offered) > MOST_OPTIONS:
        yield f"ofrece {len(offered)} opciones; como mucho, {MOST_OPTIONS}"
    if offered != said:
        yield f"dice las teclas {' '.join(said) or '(ninguna)'} y declara {' '.join(offered) or '(ninguna)'}"


def _placeholders(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    for place in catalog.placeholders(key):
        if place.name not in typical.values:
            yield f"nadie da el valor «{place.name}»"


def _ease(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    score = ease(catalog.own_words(key))
    if score is not None and not catalog.source(key) and score < LEAST_EASE:
        yield f"cuesta entenderla: INFLESZ {score:.0f}; al menos, {LEAST_EASE:g}"


def _sms_length(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    if (length := gsm7_length(_sample(catalog, key, typical))) > SMS_CHARACTERS:
        yield f"ocupa {length} caracteres; como mucho, {SMS_CHARACTERS}"


def _alphabet(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
    if not is_gsm7(_sample(catalog, key, typical)):
        yield "lleva letras fuera del alfabeto GSM-7 (á, í, ó, ú…)"


def _words(offending: Callable[[str], list[str]], advice: str) -> Check:
    def check(catalog: Catalog, key: str, typical: Typical) -> Iterator[str]:
        for word in offending(catalog.own_words(key)):
            yield f"«{word}»: {advice}"

    return check


_MANNER: tuple[tuple[Rule, Check], ...] = (
    (Rule.PLACEHOLDER, _placeholders),
    (Rule.DIMINUTIVE, _words(style.diminutives, "sin diminutivos")),
    (Rule.FAMILIAR, _words(style.familiar_forms, "a la persona se le habla de usted")),
)
_SPOKEN_RULES: tuple[tuple[Rule, Check], ...] = (
    (Rule.LENGTH, _length),
    (Rule.OPTIONS, _options),
    (Rule.KEY_FIRST, _words(style.keys_before_action, "primero para qué, después la tecla")),
    *_MANNER,
    (Rule.EASE, _ease),
    (Rule.ABBREVIATION, _words(style.abbreviations, "palabras enteras")),
    (Rule.FIGURES, _words(style.figures, "los números van en palabras")),
)
_WRITTEN_RULES: tuple[tuple[Rule, Check], ...] = ((Rule.LENGTH, _sms_length), (Rule.ALPHABET, _alphabet), *_MANNER)
_CONVERSED_RULES: tuple[tuple[Rule, Check], ...] = (*_MANNER, (Rule.EASE, _ease))
