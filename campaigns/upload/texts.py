"""The texts of a campaign and the variables in their braces (formato-v1.md §2, E09, E10, E13)."""

import re
from collections.abc import Mapping

from campaigns.upload.vocabulary import VARIABLE_COLUMNS
from prompts.speech import with_article

NEUTRAL_VARIABLES = frozenset({"entidad", "mes", "numero_devolucion_llamada"})
CONTACT_VARIABLES = frozenset({"primer_nombre", "nombre_completo", "municipio", *VARIABLE_COLUMNS})
ALL_VARIABLES = NEUTRAL_VARIABLES | CONTACT_VARIABLES
#: What tells something of the person beyond a first name (E10).
BEYOND_A_NAME = CONTACT_VARIABLES - {"primer_nombre"}

# After verification a text may say anything; before it, or to a machine, only what tells nothing about the person.
ALLOWED_IN = {
    "mensaje_guion": ALL_VARIABLES,
    "texto_sms": ALL_VARIABLES,
    "aviso_privacidad": ALL_VARIABLES,
    **{f"recolectar_{n}": ALL_VARIABLES for n in range(1, 6)},
    "mensaje_buzon": NEUTRAL_VARIABLES,
    "guion_cierre": NEUTRAL_VARIABLES,  # always said last, to a third party too (R67)
    "presentacion": frozenset[str](),
    **{f"pregunta_{n}": NEUTRAL_VARIABLES for n in range(1, 6)},
}
SPOKEN_AFTER_VERIFICATION = ("mensaje_guion", "aviso_privacidad", *(f"recolectar_{n}" for n in range(1, 6)))

_VARIABLE = re.compile(r"\{([^{}]*)\}")
#: A variable with the word before it, where that may be an article or may join one.
_PLACE = re.compile(r"(?:\b(?P<before>a|al|de|del|el|la|las|los)\s+)?\{(?P<name>[^{}]*)\}", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[.?!…]\s+)[¿¡«\s]*$")


def variables_of(text: str) -> list[str]:
    """What stands between braces, in order."""
    return _VARIABLE.findall(text)


def unknown_variables(text: str, allowed: frozenset[str]) -> list[str]:
    """What stands between braces and is not allowed here; a brace without its pair is listed as itself."""
    unknown = [name for name in variables_of(text) if name not in allowed]
    return unknown + sorted(set(_VARIABLE.sub("", text)) & {"{", "}"})


def personal_variables(text: str) -> list[str]:
    """Variables that tell something of the person beyond a first name: they need security questions (E10)."""
    return [name for name in variables_of(text) if name in BEYOND_A_NAME]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables put in. One that is not known leaves nothing, and never fails: someone is listening.

    Values are put in as they are and never looked into for variables again; but the institution has its article, as in
    any sentence: «de {entidad}» is «de la Dirección General».
    """
    return " ".join(_PLACE.sub(lambda found: _said(found, values.get(found["name"], "")), text).split())


def _said(found: re.Match[str], value: str) -> str:
    """A variable's value after the word before it, which goes with the article: «del Ministerio», «al Ministerio»."""
    before = found["before"] or ""
    if found["name"] == "entidad" and before.lower() in ("", "a", "de"):
        value = with_article(value)
        if before and value.startswith("el "):
            return f"{before}l {value.removeprefix('el ')}"
        if not before and _BEGINS.search(found.string[: found.start()]):
            value = value[:1].upper() + value[1:]
    return f"{before} {value}" if before else value
