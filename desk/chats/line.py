"""What a line's file says of its written conversations. Plain values: ``ivr/line_whatsapp.py`` reads them."""

from dataclasses import dataclass

LONGEST = 1600  #: characters of a message, as the carrier takes them
_FOOT = "Escriba el número de la opción."


@dataclass(frozen=True)
class Option:
    """One of the menu. ``words``: what people write for it beside its number."""

    label: str
    words: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Canned:
    """An answer that operators need often: put into the field, to be sent as it is or changed."""

    label: str
    text: str


@dataclass(frozen=True)
class Approved:
    """A template that WhatsApp approved: all that may be written a day after the person's last message.

    ``text``: the words that were approved, for whoever sends it.
    """

    label: str
    content_sid: str
    text: str


@dataclass(frozen=True)
class ChatLine:
    """A line's WhatsApp: its number (E.164), its menu, whose last option is a person; what operators have at hand."""

    number: str
    greeting: str
    options: tuple[Option, ...]
    person: str  #: the last option, as people read it
    queue: str
    canned: tuple[Canned, ...] = ()
    approved: tuple[Approved, ...] = ()

    @property
    def menu(self) -> str:
        """The options with their numbers."""
        labels = (*(option.label for option in self.options), self.person)
        return "\n".join([*(f"{place}. {label}" for place, label in enumerate(labels, start=1)), "", _FOOT])

    def template(self, content_sid: str | None) -> Approved | None:
        """The approved template of that name."""
        return next((each for each in self.approved if each.content_sid == content_sid), None)
