"""One sentence of the catalogue, read once and then filled with values for each person."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from string import Formatter

from prompts import speech, written

Format = Callable[[object, str], str]

#: What may follow the colon of a placeholder: ``{pin:digits}``. Each takes the value and the country.
FORMATS: Mapping[str, Format] = {
    "": lambda value, country: str(value),
    "digits": lambda value, country: speech.digits(value),
    "phone": speech.phone,
    "figures": speech.phone_figures,
    "date": lambda value, country: speech.day(value),
    "time": lambda value, country: speech.hour(value),
    "money": speech.money,
    "number": lambda value, country: speech.number(value),
    "name": lambda value, country: speech.given_name(value),
    "web": lambda value, country: speech.web_address(value),
    "capital": lambda value, country: str(value)[:1].upper() + str(value)[1:],
    "gsm": lambda value, country: written.to_gsm7(value),
}
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STARTS_A_SENTENCE = re.compile(r"(?:^|[.?!…]\s+)[¿¡«\s]*$")
# Controls, marks that turn the direction of writing, and what XML 1.0 cannot carry.
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]+")


class CannotSay(Exception):
    """A sentence could not be filled. Names its key and the placeholder, never a value."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(key, name)
        self.key, self.name = key, name


class MissingValue(CannotSay):
    """A sentence needs a value that was not given."""

    def __str__(self) -> str:
        return f"«{self.key}» necesita el valor «{self.name}»."


class BadValue(CannotSay):
    """A value cannot be said in the format that the sentence asks for."""

    def __str__(self) -> str:
        return f"«{self.key}» no puede decir el valor «{self.name}» en su formato."


class BadTemplate(ValueError):
    """The text of a sentence is faulty; the message says how, for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{name:format}``; ``capital``: it begins a sentence."""

    name: str
    format: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence's parts in order: words of ours, and places for values."""

    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    @property
    def own_words(self) -> str:
        """The sentence without its values: what its writer answers for."""
        return " ".join("".join(part for part in self.parts if isinstance(part, str)).split())

    def fill(self, key: str, values: Mapping[str, object], country: str) -> str:
        """The sentence with its values as words. Values are data: a brace in one stays a brace.

        Raises MissingValue, BadValue.
        """
        return "".join(
            part if isinstance(part, str) else _said(part, key, values.get(part.name), country) for part in self.parts
        )


def parse(text: str) -> Template:
    """Reads ``{name}`` and ``{name:format}``; ``{{`` is a brace. Raises BadTemplate."""
    parts: list[str | Placeholder] = []
    try:
        for words, name, format_, conversion in Formatter().parse(text):
            if words:
                parts.append(words)
            if name is not None:
                parts.append(_placeholder(name, format_ or "", conversion, parts))
    except ValueError as error:
        raise error if isinstance(error, BadTemplate) else BadTemplate("una llave «{» o «}» está suelta") from None
    # A sentence that is nothing but values is somebody else's text, and is said as it was written.
    ours = any(isinstance(part, str) and part.strip() for part in parts)
    return Template(tuple(parts if ours else [_as_written(part) for part in parts]))


def clean(text: str) -> str:
    """A value without control characters, each run of them a space."""
    return text if text.isprintable() else _UNSPEAKABLE.sub(" ", text)


def _placeholder(name: str, format_: str, conversion: str | None, before: list[str | Placeholder]) -> Placeholder:
    if not _NAME.fullmatch(name) or conversion:
        raise BadTemplate(f"«{{{name}}}» no es un nombre de valor (letras minúsculas, números y guion bajo)")
    if format_ not in FORMATS:
        known = ", ".join(filter(None, FORMATS))
        raise BadTemplate(f"«{format_}» no es un formato; los hay: {known}")
    words_before = "".join(part if isinstance(part, str) else "x" for part in before)
    return Placeholder(name, format_, bool(_STARTS_A_SENTENCE.search(words_before)))


def _as_written(part: str | Placeholder) -> str | Placeholder:
    return part if isinstance(part, str) else replace(part, capital=False)


def _said(place: Placeholder, key: str, value: object, country: str) -> str:
    if value is None:
        raise MissingValue(key, place.name)
    said = _formatted(place.format, value, country)
    if said is None:
        raise BadValue(key, place.name)
    return said[:1].upper() + said[1:] if place.capital else said


def _formatted(format_: str, value: object, country: str) -> str | None:
    """None for what cannot be said: the error itself is dropped here, since its text may quote the value."""
    try:
        return clean(FORMATS[format_](value, country))
    except ValueError:
        return None
