"""The manner of our sentences: usted, whole words, no diminutives, the action before the key (R93, requirements §8).

Each rule is a pure function from a text to what offends in it.
"""

import re
from collections.abc import Iterator

from prompts.speech import KEY_WORDS

ACRONYMS = {"DUI", "PIN", "CURP", "ISSEMYM", "CATGEM", "SAM"}  #: said as words, and known to those who hear them

_KEY = "|".join([*KEY_WORDS.values(), r"[0-9]"])
_ALONE = rf"(?!, (?:{_KEY})\b)"  # «marque nueve, uno, uno» is a telephone, not a key
_PRESS = (
    rf"(?:marque|presione|oprima|pulse|digite|teclee)\s+(?:(?:la|el)\s+(?:tecla|número|opción)\s+)?({_KEY})\b{_ALONE}"
)
_PRESSED = re.compile(_PRESS, re.IGNORECASE)
_KEY_FIRST = re.compile(rf"{_PRESS},?\s+(?:para|si|y\s+(?:podrá|escuchará))\b", re.IGNORECASE)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")

_DIMINUTIVE = re.compile(r"\b[a-zñ]+(?:it[oa]|cill[oa]|ill[oa])s?\b", re.IGNORECASE)
# A diminutive never keeps a written accent, so «crédito» or «trámite» need no place here.
_NOT_DIMINUTIVE = re.compile(
    r"acredita|amarillo|apetito|bolsillo|bombilla|bonito|brillo|capacita|capilla|castillo|cepillo|"
    r"circuito|cita|cuchillo|delito|deposita|distrito|edita|ejercita|escrito|evita|evito|facilita|"
    r"facilito|favorito|felicita|finito|gavilla|gratuito|grito|habita|hito|imita|infinito|inscrito|invita|"
    r"invito|ladrillo|limita|maravilla|martillo|medita|mejilla|milla|mito|necesita|necesito|oposita|"
    r"orilla|pasillo|pastilla|perito|permita|permito|pito|plantilla|posibilita|quita|remita|remito|repita|"
    r"repito|requisito|rito|rodilla|semilla|sencillo|silla|solicita|solicito|suscrito|tornillo|transita|"
    r"transmita|transmito|vainilla|varilla|ventanilla|visita|visito",
    re.IGNORECASE,
)

_ABBREVIATION = re.compile(
    r"\b(?:tel|núm|num|sr|sra|srta|dr|dra|lic|ing|arq|prof|depto|dpto|av|col|ud|uds|vd|etc|ej|pág|art|hrs?|aprox|ref|"
    r"ext|dir|gob|admón|mín|máx)\.|\bn\.?º|\b(?:no|nro)\.\s*\d|[%$&/@]|\b\d+(?:er|ra|ro|do|a|o)\b",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b")
_FIGURES = re.compile(r"\d+")

_FAMILIAR = re.compile(
    r"\b(?:tú|tu|tus|te|ti|contigo|tuy[oa]s?|vos|puedes|podés|quieres|querés|tienes|tenés|debes|debés|eres|sos|estás|"
    r"deseas|necesitas|necesitás|sabes|sabés|has|dime|dinos|marcá|presioná|ingresá|colgá|esperá|anotá|marcas|llamas|escuchas|"
    r"oyes)\b"
    # «El banco verifica» is usted's form too; at the head of a clause it is an order to a tú.
    r"|(?:^|(?<=[.,:;…!?]\s)|(?<=¡))(?:presiona|oprime|ingresa|digita|pulsa|teclea|cuelga|anota|verifica|recuerda|"
    r"espera|escucha|intenta|llama)\b"
    r"|\bmarca\s+(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|asterisco|el|la|los|las|tu)\b",
    re.IGNORECASE,
)
_YOU_DID = re.compile(r"\b[a-zñáéíóú]+(?:aste|iste)\b", re.IGNORECASE)
_NOT_YOU_DID = re.compile(
    r"asiste|baste|chiste|consiste|contraste|desgaste|desiste|existe|insiste|persiste|resiste|triste", re.IGNORECASE
)


def keys_pressed(text: str) -> list[str]:
    """The keys that a text asks for, in order: «marque uno» → "1"."""
    by_word = {word: key for key, word in KEY_WORDS.items()}
    return [by_word.get(match[1].lower(), match[1]) for match in _PRESSED.finditer(text)]


def keys_before_action(text: str) -> list[str]:
    """«Marque uno para…», or «Marque uno» and nothing said before it: who hears it has forgotten the key by then."""
    return [match[0] for sentence in _SENTENCES.split(text) for match in _offending_presses(sentence)]


def diminutives(text: str) -> list[str]:
    """«momentito», «ahorita»; real words with such an ending are known (R93)."""
    return [word for word in _DIMINUTIVE.findall(text) if not _is_real_word(word.removesuffix("s"))]


def abbreviations(text: str) -> list[str]:
    """«tel.», «núm.», «50%», and capitals that are not said as a word (R93: whole words)."""
    return [*_ABBREVIATION.findall(text), *(word for word in _CAPITALS.findall(text) if word not in ACRONYMS)]


def figures(text: str) -> list[str]:
    """Numbers not written as words: a voice may read them as a quantity."""
    return _FIGURES.findall(text)


def familiar_forms(text: str) -> list[str]:
    """Tú and vos where the institution says usted."""
    past = (word for word in _YOU_DID.findall(text) if not _NOT_YOU_DID.fullmatch(word))
    return [*_FAMILIAR.findall(text), *past]


def _is_real_word(word: str) -> bool:
    """Listed in either gender: «escrito» stands for «escrita»."""
    return any(_NOT_DIMINUTIVE.fullmatch(word[:-1] + ending) for ending in "oa")


def _offending_presses(sentence: str) -> Iterator[re.Match[str]]:
    for match in _PRESSED.finditer(sentence):
        said_before = re.findall(r"\w{3,}", sentence[: match.start()])
        if not said_before or _KEY_FIRST.match(sentence, match.start()):
            yield match
