"""What a catalogue of consultations is made of (R5, R9, R15, R18, R70, R97). Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.roles import Role

SPOKEN, WRITTEN = "VOZ", "WHATSAPP"  #: the channels of a call and of a written conversation (R1)
EVERY_LINE, OTHER_LINES = "todas", "las demás"  #: the latter: those without a catalogue of their own


@dataclass(frozen=True)
class Script:
    """What an operator says, step by step. ``version`` goes with each case, so that what was said then is known (R70).

    ``approved_by``: empty while nobody has approved it.
    """

    name: str
    version: str
    author: str
    approved_by: str
    approved_on: date | None
    steps: tuple[str, ...]
    code: str = ""  #: of the institution's document that it comes from (R2)

    @property
    def label(self) -> str:
        """As a case and a report write it down."""
        return f"{self.name} v{self.version}"


@dataclass(frozen=True)
class Subject:
    """One kind of consultation. Its code is kept in the database and never changes."""

    code: str
    name: str
    line: str = EVERY_LINE  #: whose operators may choose it
    roles: tuple[Role, ...] = (Role.COORDINADOR,)  #: whose tray it lands in
    once_a_day: bool = False  #: one a document and day is enough
    first_detail: str = ""  #: what is written when the line itself leaves it and nobody speaks
    needs_unit: bool = False  #: the coordinator sends it on to another unit, which is named (R19)
    is_silent: bool = False  #: nobody spoke: there is nothing more to ask of who took the call
    order: str = ""  #: the kind of work order that it may open
    owner: str = ""  #: whose matter it is, where an institution tells its own from others' (R97)
    script: Script | None = None


@dataclass(frozen=True)
class Caller:
    """One kind of person: kept by a code that never changes."""

    code: str
    name: str


@dataclass(frozen=True)
class Catalogue:
    """Of one line, or of those without one."""

    line: str
    callers: tuple[Caller, ...] = ()
    subjects: tuple[Subject, ...] = ()
    channels: Mapping[str, str] = field(default_factory=dict)  #: by which it is attended: code and name (R1)
    asks_household: bool = False  #: the documents of a household and its electricity bill (R20)


@dataclass(frozen=True)
class Catalogues:
    """All of them, as a process goes by them. No two subjects have the same code."""

    by_line: Mapping[str, Catalogue] = field(default_factory=dict)

    @property
    def subjects(self) -> dict[str, Subject]:
        return {subject.code: subject for each in self.by_line.values() for subject in each.subjects}

    @property
    def callers(self) -> dict[str, Caller]:
        return {caller.code: caller for each in self.by_line.values() for caller in each.callers}

    def channels_of(self, line: str) -> Mapping[str, str]:
        """The line's own, or those of every line."""
        return self.of(line).channels or self.by_line.get(EVERY_LINE, Catalogue(EVERY_LINE)).channels

    def of(self, line: str) -> Catalogue:
        """The line's own, or that of those without one."""
        return self.by_line.get(line) or self.by_line.get(OTHER_LINES, Catalogue(line))
