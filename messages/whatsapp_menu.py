"""What somebody meant who wrote to a line's menu: «1», «1.», «uno», «precios», «¿cuánto cuesta el gas?». Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from campaigns.texting.stopping import Said, understood
from desk.chats.line import ChatLine, Option


class Meant(StrEnum):
    OPTION = "OPTION"
    PERSON = "PERSON"
    MENU = "MENU"
    STOP = "STOP"  # no more messages
    THANKS = "THANKS"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Heard:
    """``option``: where one was meant."""

    what: Meant
    option: Option | None = None


#: Answers to a question of an operator's, though alone in a text to a campaign they mean no more of them.
_ANSWERS = frozenset(("no", "no mas", "cancelar"))
_PERSON = ("persona", "operador", "operadora", "asesor", "asesora", "humano", "agente")
_MENU = ("menu", "inicio", "opciones", "volver")
_HELLO = frozenset(
    ("hola", "hello", "saludos", "buen", "buenos", "buenas", "dia", "dias", "tardes", "noches", "que", "tal")
)
_THANKS = frozenset(
    (
        "gracias",
        "muchas",
        "mil",
        "ok",
        "okay",
        "vale",
        "listo",
        "esta",
        "bien",
        "perfecto",
        "muy",
        "amable",
        "de",
        "nada",
    )
)
_NUMBERS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
_NUMERAL = {word: str(figure) for figure, word in enumerate(_NUMBERS)} | {"una": "1"}
_AROUND = frozenset(
    ("la", "el", "opcion", "numero", "num", "no", "quiero", "por", "favor", "porfa", "deseo", "necesito")
)


def understand(line: ChatLine, text: str) -> Heard:
    """A number alone is that option; else the one option, or wish, whose words stand in it. Two are none."""
    words = _words(text)
    plain = " ".join(words)
    if understood(text) is Said.STOP and plain not in _ANSWERS:
        return Heard(Meant.STOP)
    is_a_sign = bool(text.strip()) and "?" not in text and not words  # a thumb up
    if not is_a_sign and set(words) <= _HELLO:
        return Heard(Meant.MENU)
    if set(words) <= _THANKS:
        return Heard(Meant.THANKS)
    return _numbered(line, words) or _named(line, plain)


def _numbered(line: ChatLine, words: list[str]) -> Heard | None:
    """«1», «la uno», «opción 1, por favor». A number that is no option is not understood."""
    left = [word for word in words if word not in _AROUND]
    if len(left) != 1 or not (figure := _NUMERAL.get(left[0], left[0])).isdecimal():
        return None
    place = int(figure) if len(figure) < 4 else 0
    if 1 <= place <= len(line.options):
        return Heard(Meant.OPTION, line.options[place - 1])
    if place in (0, len(line.options) + 1) and len(figure) == 1:  # zero is a person wherever one rings too
        return Heard(Meant.PERSON)
    return Heard(Meant.UNKNOWN)


def _named(line: ChatLine, plain: str) -> Heard:
    if _has(plain, _PERSON):
        return Heard(Meant.PERSON)
    found = [each for each in line.options if _has(plain, (each.label, *each.words))]
    if len(found) > 1:  # «requisitos del PIN»: whoever wrote one label whole meant that one
        found = [each for each in found if " ".join(_words(each.label)) == plain]
    if len(found) == 1:
        return Heard(Meant.OPTION, found[0])
    return Heard(Meant.MENU if _has(plain, _MENU) else Meant.UNKNOWN)


def _has(plain: str, wanted: tuple[str, ...]) -> bool:
    """Whether one of these stands in it, as whole words."""
    return any(f" {' '.join(_words(each))} " in f" {plain} " for each in wanted)


def _words(text: str) -> list[str]:
    """In small letters, without accents, signs and emoji; a figure on a key is that figure («1️⃣»)."""
    flat = unicodedata.normalize("NFKD", text[:500].casefold())
    return re.findall(r"[a-z0-9]+", "".join(letter for letter in flat if not unicodedata.combining(letter)))
