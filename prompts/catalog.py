"""Every sentence that a person hears, by key: es.toml, what a line says in its own way, and recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prompts import source
from prompts.source import CatalogFault, Manner, Sentence
from prompts.template import BadValue, CannotSay, MissingValue, Placeholder

__all__ = ["BadValue", "CannotSay", "Catalog", "CatalogFault", "MissingValue", "Spoken", "UnknownKey"]

SHIPPED = Path(__file__).parent


class UnknownKey(LookupError):
    """The catalogue has no sentence of that key."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One thing said. With a recording it is played, and the text is what it says (transcripts, a fallback)."""

    text: str
    language: str  #: «es-MX», as Twilio names it
    voice: str  #: «Polly.Mia-Neural»
    audio_url: str | None = None  #: a path of our own web, such as ``/audio/dgs/root/welcome.mp3``


class Catalog:
    """The sentences of one line, read and checked once; saying one touches no file."""

    def __init__(
        self, line_id: str, entries: Mapping[str, Sentence], manner: Manner, audio_base: str = "/audio/"
    ) -> None:
        self.line_id = line_id
        self._entries = dict(entries)
        self._manner = manner
        self._audio_base = f"{audio_base}{line_id}/"
        self._fixed = {
            key: self._spoken(entry, entry.template.own_words)
            for key, entry in entries.items()
            if not entry.template.placeholders
        }

    @classmethod
    def load(cls, line_id: str, folders: Sequence[Path | str] = (), *, audio_base: str = "/audio/") -> "Catalog":
        """es.toml, then the shipped ``<line_id>.toml`` and that of each folder, a later one overriding key by key.

        A folder's recordings are in its ``audio/``. Raises CatalogFault, naming file and key.
        """
        source.check_line_id(line_id)
        entries, manner = _shipped(line_id)
        for folder in map(Path, folders):
            if (path := folder / f"{line_id}.toml").is_file():
                entries, manner = source.read(path, entries, manner)
        return cls(line_id, entries, manner, audio_base)

    def say(self, key: str, values: Mapping[str, object], country: str = "SV") -> Spoken:
        """The sentence with its values as words. ``country`` (SV, CO, MX): how telephones and money are said.

        Raises UnknownKey, MissingValue, BadValue: none of them holds a value.
        """
        if (fixed := self._fixed.get(key)) is not None:
            return fixed
        entry = self._entry(key)
        return self._spoken(entry, entry.template.fill(key, values, country))

    def keys(self) -> tuple[str, ...]:
        """Every key, in the order of the file."""
        return tuple(self._entries)

    def placeholders(self, key: str) -> tuple[Placeholder, ...]:
        """What a sentence needs, each once, in order. Raises UnknownKey."""
        return tuple(dict.fromkeys(self._entry(key).template.placeholders))

    def options(self, key: str) -> tuple[str, ...]:
        """The keys that a menu offers, in the order in which it says them. Raises UnknownKey."""
        return self._entry(key).options

    def own_words(self, key: str) -> str:
        """A sentence without its values. Raises UnknownKey."""
        return self._entry(key).template.own_words

    def source(self, key: str) -> str:
        """The protocol whose very words a sentence has; nothing for one of our own. Raises UnknownKey."""
        return self._entry(key).source

    def audio_file(self, audio: str) -> Path | None:
        """The file of a recording that a sentence of this line names; None for any other path."""
        return next((entry.audio_file for entry in self._entries.values() if entry.audio == audio), None)

    def _entry(self, key: str) -> Sentence:
        try:
            return self._entries[key]
        except KeyError:
            raise UnknownKey(key) from None

    def _spoken(self, entry: Sentence, text: str) -> Spoken:
        url = f"{self._audio_base}{entry.audio}" if entry.audio else None
        return Spoken(text, self._manner.language, self._manner.voice, url)


@cache
def _everybodys() -> tuple[Mapping[str, Sentence], Manner]:
    """es.toml, which comes with the code: read and checked once a process, and not again for each line."""
    return source.read(SHIPPED / "es.toml", {}, Manner.spanish())


@cache
def _shipped(line_id: str) -> tuple[Mapping[str, Sentence], Manner]:
    """The same with what the line says in its own way, where that comes with the code too."""
    own = SHIPPED / f"{line_id}.toml"
    return source.read(own, *_everybodys()) if own.is_file() else _everybodys()
