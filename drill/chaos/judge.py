"""The verdict: what the carrier's ledger tells, beside what the service was told to do and what it says that it did.

Nothing here asks the service's own code what it should have done, but for the legal hours of each place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window
from core.countries import COUNTRIES
from drill.chaos.accused import Accused, Attempt, Contact
from drill.chaos.ledger import PlacedCall
from drill.chaos.line import Reading, read
from drill.chaos.people import Person

MAX_CALLS = 4  # of a person, by the requests of the drill (max_intentos)
MAX_A_DAY = 2
BETWEEN = timedelta(hours=3)
SECURITY_FAILURES = 3
GRACE = timedelta(seconds=2)  # what was on its way when a campaign was cancelled or paused
CLOCKS_DIFFER = timedelta(seconds=3)  # the carrier's and ours
HELD_UP = timedelta(seconds=30)  # at most, between the dialer's deciding on a call and the carrier's having it
_LAST_WORD = frozenset(
    {Outcome.MESSAGE_PARTIAL, Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS, Outcome.TECHNICAL}
)
_SPENDS_THE_PHONE = frozenset({Outcome.FAILED, Outcome.WRONG_NUMBER})
_DID_NOT_RING = frozenset({Outcome.FAILED, Outcome.BUSY})


class Kind(StrEnum):
    """What the service may be guilty of."""

    LOST = "perdida"
    TWICE = "doble"
    EXTRA = "de más"
    OUTCOME = "tipificación"
    UNFINISHED = "sin terminar"
    FORBIDDEN = "prohibida"
    HOURS = "fuera de hora"


#: The question of the verdict that each answers, in order.
QUESTIONS = {
    Kind.LOST: "A cada persona se le llamó, y tantas veces como tocaba",
    Kind.TWICE: "Ningún intento se marcó dos veces",
    Kind.EXTRA: "Ningún intento por encima de las reglas",
    Kind.OUTCOME: "Cada tipificación es lo que pasó en la línea",
    Kind.UNFINISHED: "Nada quedó sin terminar: ni intentos, ni campañas, ni trabajos",
    Kind.FORBIDDEN: "Nadie de una campaña cancelada o en pausa",
    Kind.HOURS: "Nadie fuera de las horas legales de su lugar",
}


@dataclass(frozen=True)
class Breach:
    """``told`` names attempts and contacts by their numbers in the database, and nobody by theirs."""

    kind: Kind
    told: str


@dataclass(frozen=True)
class Silence:
    """From when the campaign's cancelling, or pause, was answered, to its being resumed (None: never)."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Charge:
    """A campaign: its people in the order of its list."""

    campaign_id: int
    people: Sequence[Person]
    is_cancelled: bool = False
    silences: Sequence[Silence] = ()


@dataclass(frozen=True)
class _Told:
    """One call: who it was to, what the line says of it, and what the service says."""

    call: PlacedCall
    reading: Reading
    attempt: Attempt | None

    @property
    def outcome(self) -> Outcome:
        """As the service has it where the line allows it; else the line's own."""
        told = self.attempt.outcome if self.attempt else None
        return next((each for each in self.reading.outcomes if each == told), min(self.reading.outcomes))


def judge(charges: Sequence[Charge], calls: Iterable[PlacedCall], accused: Accused) -> list[Breach]:
    """Every breach; none is an acquittal."""
    return list(_Court(charges, list(calls), accused).breaches())


class _Court:
    def __init__(self, charges: Sequence[Charge], calls: list[PlacedCall], accused: Accused) -> None:
        self._charges, self._calls, self._accused = charges, calls, accused
        self._attempts = {each.id: each for each in accused.attempts}
        self._contacts = {(each.campaign_id, each.place): each for each in accused.contacts}
        self._by_phone: dict[str, list[PlacedCall]] = defaultdict(list)
        for call in sorted(calls, key=lambda each: each.created_at):
            self._by_phone[call.to].append(call)

    def breaches(self) -> Iterator[Breach]:
        yield from self._twice()
        yield from self._strangers()
        for charge in self._charges:
            yield from self._campaign(charge)
        yield from self._unfinished()

    def _twice(self) -> Iterator[Breach]:
        for attempt_id, times in Counter(call.attempt_id for call in self._calls).items():
            if times > 1:
                yield Breach(Kind.TWICE, f"El intento {attempt_id} se marcó {times} veces.")

    def _strangers(self) -> Iterator[Breach]:
        known = {phone for charge in self._charges for each in charge.people for phone in each.phones}
        for call in self._calls:
            if call.to not in known:
                yield Breach(Kind.EXTRA, f"El intento {call.attempt_id} marcó a un teléfono de nadie.")

    def _campaign(self, charge: Charge) -> Iterator[Breach]:
        state = self._accused.states.get(charge.campaign_id)
        wanted = ("cancelled",) if charge.is_cancelled else ("finished", "closed")
        if state not in wanted:
            yield Breach(Kind.UNFINISHED, f"La campaña {charge.campaign_id} quedó en «{state}».")
        for place, person in enumerate(charge.people):
            contact = self._contacts.get((charge.campaign_id, place))
            if contact is None:
                yield Breach(Kind.LOST, f"La campaña {charge.campaign_id} no tiene a su contacto {place + 1}.")
                continue
            yield from self._contact(charge, contact, person)

    def _contact(self, charge: Charge, contact: Contact, person: Person) -> Iterator[Breach]:
        theirs = [call for phone in person.phones for call in self._by_phone[phone]]
        told = [
            _Told(call, read(call, person), self._attempts.get(call.attempt_id))
            for call in sorted(theirs, key=lambda each: each.created_at)
        ]
        for each in told:
            yield from self._call(charge, person, each)
        yield from _too_many(contact, person, told)
        yield from _ended_as(contact, told)
        if not charge.is_cancelled:
            yield from _too_few(contact, person, told)

    def _call(self, charge: Charge, person: Person, told: _Told) -> Iterator[Breach]:
        call, found = told.call, told.attempt
        if found is None or found.sid != call.sid:
            yield Breach(Kind.UNFINISHED, f"Del intento {call.attempt_id} no se guardó su llamada.")
        elif found.outcome not in told.reading.outcomes:
            right = " o ".join(sorted(told.reading.outcomes))
            yield Breach(Kind.OUTCOME, f"Intento {call.attempt_id}: dice {found.outcome}; en la línea fue {right}.")
        near = (call.created_at, call.created_at + CLOCKS_DIFFER, call.created_at - CLOCKS_DIFFER)
        if not any(_window(person).is_open(moment) for moment in near):
            yield Breach(Kind.HOURS, f"Intento {call.attempt_id}: a las {_local(person, call.created_at)} de su lugar.")
        for silence in charge.silences:
            is_over = silence.until is not None and call.created_at >= silence.until - CLOCKS_DIFFER
            if call.created_at > silence.since + GRACE and not is_over:
                late = (call.created_at - silence.since).total_seconds()
                word = "la pausa" if silence.until else "la cancelación"
                yield Breach(Kind.FORBIDDEN, f"Intento {call.attempt_id}: {late:.1f} s después de {word}.")

    def _unfinished(self) -> Iterator[Breach]:
        for each in self._accused.attempts:
            if each.state in ("due", "asking", "unknown", "placed"):
                yield Breach(Kind.UNFINISHED, f"El intento {each.id} quedó en «{each.state}».")
        for charge in self._charges:
            if not charge.is_cancelled:
                for contact in self._accused.contacts:
                    if contact.campaign_id == charge.campaign_id and not contact.is_final:
                        yield Breach(Kind.UNFINISHED, f"El contacto {contact.id} no tiene final.")
        for job in self._accused.jobs:
            yield Breach(Kind.UNFINISHED, f"El trabajo {job.id} ({job.task}) quedó en «{job.status}».")


def _window(person: Person) -> Window:
    zone = ZoneInfo(person.place.zone) if person.place.zone else None
    return Window(COUNTRIES[person.place.country], zone=zone)


def _local(person: Person, moment: datetime) -> str:
    return f"{_window(person).local(moment):%A %H:%M:%S}"


def _too_many(contact: Contact, person: Person, told: Sequence[_Told]) -> Iterator[Breach]:
    """Calls that the rules do not allow after those before them (formato-v1 §7, requirements §5)."""
    if len(told) > MAX_CALLS:
        yield Breach(Kind.EXTRA, f"El contacto {contact.id} recibió {len(told)} llamadas.")
    window = _window(person)
    for place, each in enumerate(told):
        before, moment, attempt_id = told[:place], each.call.created_at, each.call.attempt_id
        if any(other.outcome in _LAST_WORD for other in before):
            yield Breach(Kind.EXTRA, f"El intento {attempt_id} llamó a quien ya no se debía llamar.")
        if any(other.call.to == each.call.to and other.outcome in _SPENDS_THE_PHONE for other in before):
            yield Breach(Kind.EXTRA, f"El intento {attempt_id} marcó un teléfono que ya no servía.")
        today = [other for other in before if window.local(other.call.created_at).date() == window.local(moment).date()]
        if sum(other.outcome != Outcome.FAILED for other in today) >= MAX_A_DAY:
            yield Breach(Kind.EXTRA, f"El intento {attempt_id} pasa de las llamadas de un día.")
        rang = [other.call.created_at for other in before if other.outcome not in _DID_NOT_RING]
        if rang and moment < max(rang) + BETWEEN - HELD_UP:
            yield Breach(Kind.EXTRA, f"El intento {attempt_id} no esperó tres horas.")


def _too_few(contact: Contact, person: Person, told: Sequence[_Told]) -> Iterator[Breach]:
    """Nobody called at all, or given up while the rules had another call for them."""
    if not told:
        yield Breach(Kind.LOST, f"Al contacto {contact.id} no se le llamó nunca.")
        return
    outcomes = [each.outcome for each in told]
    spent = {each.call.to for each in told if each.outcome in _SPENDS_THE_PHONE}
    is_over = (
        outcomes[-1] in _LAST_WORD
        or len(told) >= MAX_CALLS
        or spent >= set(person.phones)
        or outcomes.count(Outcome.FAILED_SECURITY) >= SECURITY_FAILURES
    )
    if not is_over:
        yield Breach(Kind.LOST, f"Al contacto {contact.id} se le dejó de llamar tras {len(told)}: {outcomes[-1]}.")


def _ended_as(contact: Contact, told: Sequence[_Told]) -> Iterator[Breach]:
    """What the contact's own row says of all its calls together."""
    if contact.attempts != len(told):
        yield Breach(Kind.OUTCOME, f"El contacto {contact.id} dice {contact.attempts} llamadas; fueron {len(told)}.")
    if told and contact.outcome != told[-1].outcome:
        yield Breach(
            Kind.OUTCOME, f"El contacto {contact.id} dice {contact.outcome}; su última llamada, {told[-1].outcome}."
        )
    right = {answer for each in told for answer in each.reading.collected}
    must = [each.reading.collected for each in told if None not in each.reading.collected]
    if contact.collected not in right | ({None} if not must else set()):
        yield Breach(Kind.OUTCOME, f"Del contacto {contact.id} no se guardó lo que respondió.")
