"""A live conference: who is in it, when it starts and ends, who hears whom. Everything happens at once; legs follow."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from carrier.local.call import Call, Order
from carrier.local.conferences.book import ConferenceBook
from carrier.local.conferences.conference import Conference, Ended, Left, Participant, Status
from carrier.local.conferences.seat import Announcement, Seat
from carrier.local.conferences.telling import Telling
from carrier.local.events import Event, Said, Spoke
from carrier.local.interpreter import CHARACTERS_PER_SECOND


@dataclass(frozen=True, slots=True)
class House:
    """What every room has in common."""

    book: ConferenceBook
    telling: Telling
    now: Callable[[], datetime]
    note: Callable[[Call, Event], None]


class Room:
    """Seats by the sid of their call, in the order of arrival; those who are still rung are among them."""

    def __init__(self, house: House, conference: Conference, forget: Callable[["Room"], None]) -> None:
        """``forget`` is called when the conference has ended."""
        self.conference = conference
        self.seats: dict[str, Seat] = {}
        self._house = house
        self._forget = forget
        self._latest = conference.created_at

    @property
    def present(self) -> list[Seat]:
        return [seat for seat in self.seats.values() if seat.participant.is_connected]

    @property
    def has_started(self) -> bool:
        return self.conference.status == Status.IN_PROGRESS

    def find(self, call_sid_or_label: str) -> Seat | None:
        """By the call's sid or the participant's label."""
        seats = self.seats
        found = seats.get(call_sid_or_label)
        return found or next((seat for seat in seats.values() if seat.participant.label == call_sid_or_label), None)

    def starts_with(self, seat: Seat | None, start_on_enter: bool) -> bool:
        """Whether it goes on, or would start, with one more who enters now."""
        others = [other.participant for other in self.present if other is not seat]
        is_wanted = start_on_enter or any(other.start_on_enter for other in others)
        return self.has_started or (bool(others) and is_wanted)

    # Coming and going

    def expect(self, seat: Seat) -> None:
        """Somebody is being rung, to join when they answer."""
        self.seats[seat.call.sid] = seat
        self._save(seat.participant)

    def join(self, seat: Seat) -> None:
        """A connected call takes its seat; the conference starts when there are two of them, and one may start it."""
        is_starting = not self.has_started and self.starts_with(seat, seat.participant.start_on_enter)
        self.seats[seat.call.sid] = seat
        seat.participant.is_connected = True
        self._save(seat.participant)
        self._tell("participant-join", seat)
        self._beep(seat, "onEnter")
        if is_starting:
            self.conference.status = Status.IN_PROGRESS
            self._tell("conference-start")
        self._stir()

    def leave(self, seat: Seat, reason: Left, call_status: str, *, was_kicked: bool = False) -> None:
        """Gives up the seat; the last one, or one with endConferenceOnExit, ends the conference."""
        if not self._remove(seat, reason, call_status):
            return
        if seat.participant.is_connected and seat.participant.end_on_exit:
            self.end(Ended.MODERATOR_KICKED if was_kicked else Ended.MODERATOR_LEFT, seat)
        elif not self.seats:
            self.end(Ended.LAST_KICKED if was_kicked else Ended.LAST_LEFT, seat)
        else:
            self._stir()

    def kick(self, seat: Seat) -> None:
        """Out of the conference, by REST; a call that is still rung is canceled."""
        is_connected = seat.participant.is_connected
        self.leave(seat, Left.VIA_API, "in-progress" if is_connected else "canceled", was_kicked=True)
        if not is_connected:
            seat.call.order(Order(None))

    def end(self, reason: Ended, by: Seat | None = None) -> None:
        """Everybody leaves, then it is over. Those who are rung are rung no more."""
        if self.conference.is_over:
            return
        self.conference.status = Status.COMPLETED
        is_moderator = reason in (Ended.MODERATOR_LEFT, Ended.MODERATOR_KICKED)
        for seat in list(self.seats.values()):
            is_connected = seat.participant.is_connected
            left = Left.MODERATOR_ENDED if is_moderator else Left.CONFERENCE_ENDED
            self._remove(seat, left, "in-progress" if is_connected else "canceled")
            if not is_connected:
                seat.call.order(Order(None))
        self.conference.reason_ended = reason
        self.conference.call_sid_ending = by.call.sid if by else None
        facts = {"ReasonConferenceEnded": str(reason), "Reason": str(reason).replace("-", " ")}
        if by is not None:
            facts["CallSidEndingConference"] = by.call.sid
            facts |= {"ParticipantLabelEndingConference": by.participant.label} if by.participant.label else {}
        self._tell("conference-end", facts=facts)
        self._forget(self)

    def _remove(self, seat: Seat, reason: Left, call_status: str) -> bool:
        if self.seats.get(seat.call.sid) is not seat:
            return False
        del self.seats[seat.call.sid]
        seat.has_left = True
        for announcement in list(seat.announcements):
            self.has_heard(seat, announcement)
        facts = {"ParticipantCallStatus": call_status, "ReasonParticipantLeft": str(reason)}
        self._house.book.remove_participant(self.conference, seat.participant, reason)
        self._tell("participant-leave", seat, facts)
        self._beep(seat, "onExit")
        seat.stir()
        return True

    # What REST changes

    def change(self, seat: Seat, **facts: object) -> None:
        """Hold, mute and the rest of a participant; each real change is told."""
        before = {name: getattr(seat.participant, name) for name in facts}
        for name, value in facts.items():
            setattr(seat.participant, name, value)
        changed = {name for name, value in facts.items() if before[name] != value}
        self._save(seat.participant)
        if seat.participant.hold:
            seat.heard.clear()
        if "muted" in changed:
            self._tell("participant-mute" if seat.participant.muted else "participant-unmute", seat)
        if "hold" in changed:
            self._tell("participant-hold" if seat.participant.hold else "participant-unhold", seat)
        if changed & {"end_on_exit", "coaching", "call_sid_to_coach"}:
            self._tell("participant-modify", seat)
        seat.stir()

    def announce(self, seats: Iterable[Seat], announcement: Announcement) -> None:
        """Some hear a document, whatever else there is to hear."""
        for seat in seats:
            if not seat.has_left:
                announcement.waiting.add(seat.call.sid)
                seat.announcements.append(announcement)
                seat.stir()
        if not announcement.waiting:
            self._tell("announcement-end")

    def has_heard(self, seat: Seat, announcement: Announcement) -> None:
        if announcement in seat.announcements:
            seat.announcements.remove(announcement)
        if seat.call.sid in announcement.waiting:
            announcement.waiting.discard(seat.call.sid)
            if not announcement.waiting:
                self._tell("announcement-end")

    def announcement_failed(self) -> None:
        self._tell("announcement-fail")

    # Speaking

    def say(self, seat: Seat, text: str) -> float:
        """Somebody speaks. Whoever may hear it will; the seconds that it takes."""
        line = seat.line
        self._house.note(seat.call, Spoke(line.watch.elapsed if line else 0.0, text))
        hearers, seconds = self.hearers(seat), len(text) / CHARACTERS_PER_SECOND
        if hearers:
            self._tell("participant-speech-start", seat)
        for other in hearers:
            second = other.line.watch.elapsed if other.line else 0.0
            self._house.note(other.call, Said(second, text, seconds, seat.name))
            other.heard.append((seat.name, text))
            other.stir()
        return seconds if hearers else 0.0

    def fell_silent(self, seat: Seat) -> None:
        if not seat.has_left:
            self._tell("participant-speech-stop", seat)

    def hearers(self, seat: Seat) -> list[Seat]:
        """Nobody before the start or of one who is muted or held; of a coach only the coached; nobody held hears."""
        speaker = seat.participant
        if not self.has_started or speaker.muted or speaker.hold or seat.has_left:
            return []
        others = [other for other in self.present if other is not seat and not other.participant.hold]
        if speaker.coaching:
            return [other for other in others if other.call.sid == speaker.call_sid_to_coach]
        return others

    def _beep(self, seat: Seat, when: str) -> None:
        if seat.participant.is_connected and seat.participant.beep in ("true", when):
            self._house.book.note(self.conference, "beep", {"call_sid": seat.call.sid, "when": when})

    # Telling

    def _tell(self, event: str, seat: Seat | None = None, facts: dict[str, str] | None = None) -> None:
        moment = self._moment(seat)
        self._house.telling.tell(self.conference, event, moment, seat.participant if seat else None, facts)

    def _moment(self, seat: Seat | None) -> datetime:
        """The conference has no seconds of its own: the call's that does something; it never goes back."""
        self._latest = max(self._latest, seat.call.moment() if seat else self._latest)
        return self._latest

    def _save(self, participant: Participant) -> None:
        participant.updated_at = self._house.now()
        self._house.book.save_participant(self.conference, participant)

    def _stir(self) -> None:
        """Everybody looks at what has changed; time is real as soon as somebody live is there."""
        is_real_time = any(seat.is_live for seat in self.present)
        for seat in self.present:
            seat.pace(is_real_time)
            seat.stir()
