"""Reads a file of sentences: ``[pin.document]`` is the key, with text, audio and options beneath it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prompts.speech import KEY_WORDS
from prompts.template import BadTemplate, Template, parse

#: Known to every sentence of a line, and the same from one call to the next: a recording may hold them.
LINE_VALUES = frozenset({"entidad", "operador", "numero"})
#: Known to every sentence, by the hour.
ALWAYS_GIVEN = LINE_VALUES | {"greeting", "farewell"}
#: And what a line's file calls its contacts: telephones, addresses.
CONTACT = "contacto_"
_FIELDS = {"text", "audio", "options", "source"}
_AUDIO = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*\.(?:mp3|wav)")
_LINE_ID = re.compile(r"[a-z][a-z0-9_-]*")


class CatalogFault(Exception):
    """A file of sentences is faulty. Says which file, which key and what is wrong, for whoever wrote it."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(file, key, problem)
        self.file, self.key, self.problem = file, key, problem

    def __str__(self) -> str:
        place = f"{self.file}, [{self.key}]" if self.key else self.file
        return f"{place}: {self.problem}."


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line sounds: language and voice as Twilio names them."""

    language: str
    voice: str

    @classmethod
    def spanish(cls) -> "Manner":
        return cls("es-MX", "Polly.Mia-Neural")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``options``: the keys of its menu; ``source``: the protocol whose very words these are."""

    template: Template
    audio: str | None = None
    audio_file: Path | None = None
    options: tuple[str, ...] = ()
    source: str = ""


def check_line_id(line_id: str) -> None:
    """A line's name is also a file's. Raises CatalogFault."""
    if line_id == "es" or not _LINE_ID.fullmatch(line_id):
        raise CatalogFault(f"{line_id}.toml", "", "ese no puede ser el nombre de una línea")


def read(path: Path, base: Mapping[str, Sentence], manner: Manner) -> tuple[dict[str, Sentence], Manner]:
    """The base with what the file adds and overrides. Raises CatalogFault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CatalogFault(path.name, "", f"no se puede leer ({error})") from None
    manner = _manner(path, data.pop("catalog", {}), manner)
    entries = dict(base)
    for key, fields in _sentences(path, data, ""):
        try:
            entries[key] = _entry(path, fields, entries.get(key))
        except BadTemplate as problem:
            raise CatalogFault(path.name, key, str(problem)) from None
    return entries, manner


def _sentences(path: Path, table: Mapping[str, Any], parent: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in table.items():
        key = f"{parent}.{name}" if parent else name
        if not isinstance(value, dict) or not value:
            raise CatalogFault(
                path.name, parent, f"«{name}» no es un campo de una frase (text, audio, options, source)"
            )
        fields = {field: value[field] for field in value.keys() & _FIELDS if not isinstance(value[field], dict)}
        if fields:
            yield key, fields
        yield from _sentences(path, {name: value[name] for name in value if name not in fields}, key)


def _entry(path: Path, fields: Mapping[str, Any], base: Sentence | None) -> Sentence:
    """A new text makes an old recording false, so the recording goes with it."""
    entry = base
    if "text" in fields:
        entry = _written(fields["text"], base)
    if entry is None:
        raise BadTemplate("le falta el texto (text)")
    if "options" in fields:
        entry = replace(entry, options=_options(fields["options"]))
    if "source" in fields:
        entry = replace(entry, source=_cited(fields["source"]))
    if "audio" in fields:
        entry = _recorded(path, fields["audio"], entry)
    return entry


def _written(text: object, base: Sentence | None) -> Sentence:
    if not isinstance(text, str) or not text.strip():
        raise BadTemplate("el texto (text) está vacío o no es texto")
    template = parse(" ".join(text.split()))
    if base:
        known = ALWAYS_GIVEN | {place.name for place in base.template.placeholders}
        used = {place.name for place in template.placeholders if not place.name.startswith(CONTACT)}
        if unknown := sorted(used - known):
            raise BadTemplate(f"esta frase no recibe el valor «{unknown[0]}»")
    return Sentence(template, options=base.options if base else ())


def _options(options: object) -> tuple[str, ...]:
    if not isinstance(options, list) or not all(isinstance(key, str) and key in KEY_WORDS for key in options):
        raise BadTemplate('las opciones (options) son teclas entre comillas, como ["1", "2", "*"]')
    if len(set(options)) != len(options):
        raise BadTemplate("hay una tecla repetida en las opciones (options)")
    return tuple(options)


def _cited(source: object) -> str:
    if not isinstance(source, str) or not source.strip():
        raise BadTemplate("la fuente (source) dice de qué protocolo son las palabras")
    return source


def _recorded(path: Path, audio: object, entry: Sentence) -> Sentence:
    if not isinstance(audio, str) or not _AUDIO.fullmatch(audio):
        raise BadTemplate("la grabación (audio) es una ruta como pin/bienvenida.mp3, sin mayúsculas ni espacios")
    if changing := [place.name for place in entry.template.placeholders if not _is_of_the_line(place.name)]:
        raise BadTemplate(f"una grabación no puede decir «{changing[0]}», que cambia en cada llamada")
    file = path.parent / "audio" / audio
    if not file.is_file():
        raise BadTemplate(f"no existe la grabación audio/{audio}")
    return replace(entry, audio=audio, audio_file=file)


def _is_of_the_line(name: str) -> bool:
    return name in LINE_VALUES or name.startswith(CONTACT)


def _manner(path: Path, table: object, manner: Manner) -> Manner:
    if not isinstance(table, dict) or not table.keys() <= {"language", "voice"}:
        raise CatalogFault(path.name, "catalog", "solo lleva language y voice")
    if not all(isinstance(value, str) and value for value in table.values()):
        raise CatalogFault(path.name, "catalog", "language y voice son textos")
    return replace(manner, **table)
