"""What a line's file says of its people: opening hours, queues, duty telephones, emergency services, scripts.

Plain values. ``ivr/line.py`` reads them from the file; the desk never reads files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.opening import Opening
from core.phones import is_toll_free
from desk.chats.line import ChatLine

_SIP = ("sip:", "sips:")


class Rejoins(StrEnum):
    """When whoever rings back during their emergency is with its people again: as the line's file says it."""

    AT_ONCE = "siempre"
    AFTER_MENU = "tras_menu"
    NEVER = "nunca"  # a telephone that somebody else at home may ring from: a call of its own


CRISIS = 1000  #: the priority of a call in crisis: before every queue (R72)


@dataclass(frozen=True)
class Queue:
    """People who wait for a person of some skills."""

    name: str
    label: str  #: what operators read and hear
    skills: frozenset[str] = frozenset()  #: an operator needs all of them
    priority: int = 0  #: the greater the sooner; a crisis goes before all
    ring_seconds: int = 20  #: of an operator's telephone, before the next one is rung
    nobody_seconds: int = 60  #: with nobody to answer at all, before it overflows
    longest_wait_seconds: int = 600  #: before it overflows in any case
    wrap_up_seconds: int = 60
    overflow: tuple[str, ...] = ()  #: ``cola:name`` or ``telefono:+503…``, one after the other
    offers_callback: bool = True  #: neither this nor the next on a sensitive line
    offers_message: bool = True
    script: tuple[str, ...] = ()  #: the steps that an operator ticks (R9); read, not heard


@dataclass(frozen=True)
class Service:
    """Somebody to bring onto an emergency call: 911, the police's control unit… (R77).

    Never asked for a key: who answers there expects to be spoken to, and each second counts.
    """

    kind: str  #: each kind is brought on; within one, the numbers are tried in order
    label: str
    number: str  #: E.164: an ordinary number where a trunk does not reach the short one
    zones: frozenset[str] = frozenset()  #: of the caller; none: everywhere


@dataclass(frozen=True)
class Extensions:
    """How an extension of the institution is reached: a number and tones after it, or a SIP address."""

    number: str | None = None  #: E.164
    digits: str = "ww{ext}"
    sip: str | None = None  #: such as ``sip:{ext}@pbx.example``
    longest: int = 7
    press_to_accept: bool = False  #: an exchange answers before the extension does, and presses nothing

    def address(self, extension: str) -> tuple[str, str]:
        """What to dial, and the tones to send after the answer ("" for none)."""
        if self.sip:
            return self.sip.format(ext=extension), ""
        assert self.number is not None, "a line's file gives one of the two"
        return self.number, self.digits.format(ext=extension)


@dataclass(frozen=True)
class DeskLine:
    """What the desk knows of a line."""

    id: str
    entidad: str
    country: str
    caller_id: str  #: E.164: what people called from the desk see
    opening: Opening  #: by its file; when it is attended says desk/hours.py
    queues: Mapping[str, Queue]
    default_queue: str
    is_sensitive: bool = False  #: R75, R81: no messages, no callbacks by machine, nothing names it, role restricted
    is_helpline: bool = False  #: never a goodbye: the way out is always another person
    skill_labels: Mapping[str, str] = field(default_factory=dict)  #: how people read a skill, where the file says it
    duty_telephones: tuple[str, ...] = ()  #: E.164, where the desk is closed or empty
    services: tuple[Service, ...] = ()
    zones: tuple[str, ...] = ()  #: names of zones, for the emergency form
    restricted_roles: frozenset[str] = frozenset()  #: who may see its calls and cases; none: everybody of the desk
    keeps_cases_days: int = 0  #: from their closing on; 0: nothing of them is ever erased (cases/keeping/retention.py)
    keeps_registers_days: int = 0  #: the same of entries, from what they tell
    daily_target: int = 0  #: conversations a day and operator, spoken and written (R14); 0: none
    resources: tuple[tuple[str, str], ...] = field(default=())  #: (title, text) that operators consult (R71)
    extensions: Extensions | None = None
    press_to_accept: Mapping[str, bool] = field(default_factory=dict)  #: by number, where the file says it of one
    chat: ChatLine | None = None  #: its written conversations; None: nobody writes to it
    rejoins_emergency: Rejoins = Rejoins.AT_ONCE  #: whoever rings back during their emergency (R77)

    @property
    def zone(self) -> ZoneInfo:
        return self.opening.zone

    def queue(self, name: str | None) -> Queue:
        """The queue of that name, else the line's own."""
        return self.queues.get(name or "") or self.queues[self.default_queue]

    def services_for(self, zone: str | None) -> list[Service]:
        """The services of a zone, in the order of the file."""
        return [service for service in self.services if not service.zones or zone in service.zones]

    def asks_for_a_key(self, number: str, tones: str = "") -> bool:
        """Whether whoever answers there must press 1 before they are with the citizen: a voicemail answers too.

        As the file says of the number. Else people and offices do; an exchange (an extension, SIP, toll-free) has
        nobody who could when it answers. An emergency service is never asked, whatever the file says: its operators
        answer in one way only, and a key that they do not understand would cost the call.
        """
        if any(service.number == number for service in self.services):
            return False
        if number in self.press_to_accept:
            return self.press_to_accept[number]
        if self.extensions is not None and (tones or number.startswith(_SIP)):
            return self.extensions.press_to_accept
        return number.startswith("+") and not is_toll_free(number)

    @property
    def transfer_sentence(self) -> str:
        """The key of what is said to somebody outside who is to press 1: a sensitive line is not named (R75, R81)."""
        return "desk.accept_private" if self.is_sensitive else "desk.accept_transfer"
