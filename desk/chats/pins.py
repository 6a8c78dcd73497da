"""A PIN is never sent by message (requirements §7): what looks like one is not let out, whoever writes it."""

import re
from collections.abc import Sequence

from desk.chats.plain import plain, together
from prompts.speech import MONTHS

_SECRET = (
    r"(?<![a-z])(?:p[\W_]{0,3}i[\W_]{0,3}n(?:es)?|nip|claves?|contrasenas?"
    r"|(?:numero|codigo) (?:secreto|personal|de (?:seguridad|acceso)))(?![a-z])"
)
_CODE = (
    r"(?<![a-z])codigos?(?! postal)(?![a-z])"  # of many things: in a line's text a PIN where the figures are its own
)
_FIGURES = r"(?<![\d-])(?<!\d )\d{4,7}(?! ?\d|-\d)"  # a telephone is longer, or in groups
_YEAR = re.compile(r"(?:19|20)\d\d")  # which no PIN is, unless it is called one
_IS_ONE = re.compile(rf"(?:{_SECRET}|{_CODE})(?: nuevo| temporal)?\W{{0,3}}(?:es |sera )?(?:el )?\W{{0,3}}{_FIGURES}")
_AFTER = re.compile(rf"{_SECRET}\D{{0,40}}?({_FIGURES})")
_BEFORE = re.compile(rf"({_FIGURES})\D{{0,25}}?{_SECRET}")
_MONEY = r"\$ ?\d[\d.,]*|\d[\d.,]* ?(?:dolares|pesos)"
_OTHER = re.compile(rf"{_MONEY}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}")  # money, a date

_NAMED = re.compile(rf"{_SECRET}|{_CODE}")
_LONG = re.compile(r"\+?\d+(?:[ .()-]{1,2}\d+)*")  # a telephone or document, in groups or not
_ABROAD = ("+", "503", "57", "52")
_JOINED_BY_WORDS = re.compile(r"(?<=(?<!\d)\d)\W{1,3}(?:y|luego|despues|entonces|barra|guion|coma)\W{1,3}(?=\d(?!\d))")
_LIST = re.compile(r"(?<=\d\d)[,;] (?=\d\d(?!\d))")  # «los días 10, 12»
_SPLIT = re.compile(r"(?<!\d)\d{1,3}(?: ?[^\w\s…] ?\d{1,3}){1,5}(?!\d)")  # 4/8/2/1, 48:21, 4*8*2*1
_LONE = re.compile(r"(?<!\d)\d{4,6}(?!\d)")

_HOUR = r"(?:[01]?\d|2[0-3])[:.][0-5]\d"

#: What is plainly something else, even beside the word.
_PLAIN = re.compile(
    rf"(?:https?://|www\.)\S+|{_MONEY}"
    r"|(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{1,2}-\d{1,2})(?!\d)"
    rf"|(?<![a-z])(?:en|de|del|desde|hasta|para|anos?|{'|'.join(MONTHS)}) (?:19|20)\d\d(?!\d)"
    rf"|(?<![\d:.]){_HOUR} ?(?:-|–|a) ?{_HOUR}(?!\d|[:.]\d)"
    rf"|(?<![a-z])(?:a|de|desde|hasta|entre|y|las?) {_HOUR}(?!\d|\W\d)"
)
#: What it is beside words of its own: an hour, cents, a day of the year, the number of a house.
_TOLD = re.compile(
    r"(?<!\d)(?<!\d\W)(?:[01]?\d|2[0-3]):[0-5]\d(?!\d|\W\d)|(?:[01]\d|2[0-3])[0-5]\d ?(?:horas|hrs?|h)(?![a-z])"
    r"|(?<!\d)(?<!\d\W)\d{1,3}\.\d\d(?!\d|\W\d)|(?<!\d)(?<!\d\W)(?:[0-2]?\d|3[01])/(?:0?\d|1[0-2])(?!\d|\W\d)"
    r"|(?<![a-z])(?:calle|avenida|av|pasaje|carrera|bulevar|boulevard|blvd|paseo|alameda|diagonal|transversal|colonia"
    r"|residencial|urbanizacion|kilometro|km|edificio|casa|local)[. ][^\n]{0,40}?(?<!\d)\d{1,5}(?!\d)"
)

NEVER_A_PIN = "Un PIN nunca se escribe por mensaje. Diga cómo activarlo o cambiarlo por teléfono."


def says_a_pin(text: str) -> bool:
    """Whether figures of a PIN's length stand beside the word; spelt, too, or in words. Years are none."""
    left = together(_OTHER.sub("…", plain(text)))
    if _IS_ONE.search(left):
        return True
    found = (match[1] for pattern in (_AFTER, _BEFORE) for match in pattern.finditer(left))
    return any(not _YEAR.fullmatch(figures) for figures in found)


def may_be_a_pin(digits: int) -> str:
    """Why so many figures alone do not leave."""
    return (
        f"Un número de {digits} cifras puede ser un PIN, y un PIN nunca se escribe por mensaje. Si es otra cosa, que "
        "se vea: «$1500», «a las 8:30», «en 2026», «calle Arce, casa 1234»."
    )


def refusal(text: str, before: Sequence[str] = (), digits: int = 4) -> str | None:
    """Why what an operator wrote may not leave, however sure they are; None: for no PIN's sake.

    ``before``: what they wrote last to the same person, the oldest first; ``digits``: of a PIN. Messages with a word
    for a secret and four to six figures by themselves hold one; as many figures as a PIN has are one without any word,
    unless they are plainly something else.
    """
    said, *_ = own = [plain(each) for each in (text, *before[::-1])]
    if says_a_pin(text) or (_NAMED.search(said) and _alone(said)):
        return NEVER_A_PIN
    lately = own[:3]
    if any(map(_NAMED.search, lately)) and any(_alone(_TOLD.sub("…", each)) for each in lately):
        return NEVER_A_PIN
    told = _TOLD.sub("…", said) if re.search("[a-z]{2}", said) or ":" in said else said
    if any(len(figures) == digits for figures in _alone(_LIST.sub(" … ", told))):
        return may_be_a_pin(digits)
    return may_be_a_pin(digits) if _is_spread(own, digits) else None


def _alone(said: str) -> list[str]:
    """Four to six figures that belong to no longer number and are not plainly something else."""
    left = _JOINED_BY_WORDS.sub(" ", _PLAIN.sub("…", said))
    left = _SPLIT.sub(lambda found: re.sub(r"\D", "", found[0]) if _is_short(found[0]) else found[0], left)
    return _LONE.findall(_LONG.sub(lambda found: "…" if _is_long(found[0]) else found[0], together(left)))


def _is_short(written: str) -> bool:
    return 4 <= sum(map(str.isdigit, written)) <= 6


def _is_long(written: str) -> bool:
    figures = sum(map(str.isdigit, written))
    return 7 <= figures <= 11 or (figures > 11 and (written.startswith(_ABROAD) or figures == 14))


def _is_spread(newest_first: Sequence[str], digits: int) -> bool:
    """Whether it went, or would go, in pieces: «48» and then «21»."""
    pieces = []
    for each in newest_first:
        if re.search("[a-z$]", each) or not (figures := re.sub(r"\D", "", each)):
            break
        pieces.append(figures)
    return len(pieces) > 1 and sum(map(len, pieces)) == digits
