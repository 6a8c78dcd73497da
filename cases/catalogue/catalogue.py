"""What a consultation is about, who calls, and what is said: the catalogues of ``cases/catalogs/``, and those that an
institution keeps beside its lines (R5, R9, R15, R18, R97). How one is written: docs/catalogos.md."""

from collections.abc import Iterable, Mapping

from cases.catalogue.reading import FaultyCatalogue, read
from cases.catalogue.values import EVERY_LINE, SPOKEN, WRITTEN, Caller, Catalogue, Catalogues, Script, Subject

__all__ = ["Caller", "FaultyCatalogue", "Script", "Subject", "read", "use"]


class UnknownSubject(Exception):
    """No kind of consultation has this code."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class UnknownChannel(Exception):
    """By this channel nobody is attended on this line."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def use(catalogues: Catalogues) -> None:
    """From now on this process goes by these: said once, when it starts (``read``)."""
    global _in_use, _subjects, _callers
    _in_use, _subjects, _callers = catalogues, catalogues.subjects, catalogues.callers


def check_channel(line: str, channel: str) -> None:
    """Only authorised means are attended (R1). Raises UnknownChannel."""
    if channel not in _in_use.channels_of(line):
        raise UnknownChannel


def check_written(lines: Iterable[str]) -> None:
    """Of lines that are written to. Raises FaultyCatalogue where one's channels leave that out."""
    for line in lines:
        if WRITTEN not in _in_use.channels_of(line):
            raise FaultyCatalogue(f"{line}: tiene WhatsApp, y sus canales no: agregue {WRITTEN} a [canales].")


def channels_apart(line: str) -> dict[str, str]:
    """Those by which somebody is attended without a call and without a conversation of ours: code and name."""
    return {code: name for code, name in _in_use.channels_of(line).items() if code not in (SPOKEN, WRITTEN)}


def channel_named(code: str) -> str:
    """As people read it, whichever line has it."""
    named = (each.channels for each in _in_use.by_line.values())
    return next((channels[code] for channels in named if code in channels), code)


def subject_of(code: str) -> Subject:
    """The kind of consultation with this code, to open one. Raises UnknownSubject."""
    try:
        return _subjects[code]
    except KeyError:
        raise UnknownSubject from None


def subject_named(code: str) -> Subject:
    """The same to show one: a code that was taken out of the catalogue since stays readable."""
    return _subjects.get(code) or Subject(code, f"{code} (ya no está en el catálogo)")


def subjects_for(line: str) -> tuple[Subject, ...]:
    """What an operator of this line may choose, in the order of the list."""
    return _in_use.of(line).subjects + _in_use.by_line.get(EVERY_LINE, Catalogue(EVERY_LINE)).subjects


def caller_named(code: str | None) -> Caller | None:
    """The kind of person with this code; one that was taken out since is shown by its code."""
    return (_callers.get(code) or Caller(code, code.capitalize())) if code else None


def callers_for(line: str) -> tuple[Caller, ...]:
    """The kinds of person that an operator of this line may choose."""
    return _in_use.of(line).callers


def asks_household(line: str) -> bool:
    """Whether the procedure of this line asks for the documents of a household and its electricity bill (R20)."""
    return _in_use.of(line).asks_household


_in_use: Catalogues
_subjects: Mapping[str, Subject]
_callers: Mapping[str, Caller]
use(read())
