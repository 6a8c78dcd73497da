"""All conferences of the network: the live ones by name, and how one comes into being."""

from collections.abc import Iterator

from carrier.local.call import Call
from carrier.local.conferences.conference import Conference, Ended, Left, Participant, Status
from carrier.local.conferences.room import House, Room
from carrier.local.conferences.seat import Seat
from carrier.local.sids import new_sid
from carrier.local.verbs import ConferenceNoun


class NotAdmitted(Exception):
    """A call may not enter. ``code`` is Twilio's (16025 the label is taken, 13240 nobody to coach...)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Rooms:
    """Only conferences that have not ended have a room."""

    def __init__(self, house: House, account_sid: str) -> None:
        self._house = house
        self._account_sid = account_sid
        self._by_sid: dict[str, Room] = {}

    def find(self, sid_or_name: str) -> Room | None:
        """A live conference by its sid or its name."""
        found = self._by_sid.get(sid_or_name)
        rooms = self._by_sid.values()
        return found or next((room for room in rooms if room.conference.friendly_name == sid_or_name), None)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._by_sid.values()))

    def expected(self, call: Call) -> tuple[Room, Seat] | None:
        """Where REST invited this call to, if it did and it is not there yet."""
        for room in self._by_sid.values():
            seat = room.seats.get(call.sid)
            if seat is not None and not seat.participant.is_connected:
                return room, seat
        return None

    def room_for(self, noun: ConferenceNoun) -> Room:
        """The live conference of that name, or a new one, whose callbacks are those of this first participant."""
        room = self.find(noun.name)
        if room is not None:
            return room
        now = self._house.now()
        conference = Conference(
            sid=new_sid("CF"),
            account_sid=self._account_sid,
            friendly_name=noun.name,
            created_at=now,
            updated_at=now,
            callback_url=noun.status_callback,
            callback_method=noun.status_callback_method,
            callback_events=noun.status_callback_events,
        )
        self._house.book.save(conference)
        room = self._by_sid[conference.sid] = Room(self._house, conference, self._forget)
        return room

    def seat_for(self, room: Room, call: Call, noun: ConferenceNoun) -> Seat:
        """A seat as the noun wants it, not taken yet."""
        now = self._house.now()
        participant = Participant(
            conference_sid=room.conference.sid,
            account_sid=self._account_sid,
            call_sid=call.sid,
            created_at=now,
            updated_at=now,
            label=noun.label,
            muted=noun.muted,
            coaching=bool(noun.coach),
            call_sid_to_coach=noun.coach or None,
            start_on_enter=noun.start_on_enter,
            end_on_exit=noun.end_on_exit,
            beep=noun.beep,
            wait_url=noun.wait_url,
            wait_method=noun.wait_method,
        )
        return Seat(call, participant)

    def check(self, noun: ConferenceNoun) -> None:
        """Raises NotAdmitted: 13231 no name, 16025 the label is taken, 13236 it is full, 13240 nobody to coach."""
        if not noun.name:
            raise NotAdmitted(13231, "The conference has no name.")
        room = self.find(noun.name)
        if noun.coach and (room is None or not room.has_started or noun.coach not in room.seats):
            raise NotAdmitted(13240, "The call to coach is in no conference in progress.")
        if room is None:
            return
        if noun.label and room.find(noun.label) is not None:
            raise NotAdmitted(16025, "Another participant of the conference has this label.")
        if len(room.seats) >= noun.max_participants:
            raise NotAdmitted(13236, "The conference is full.")

    def gone(self, call: Call) -> None:
        """A call is over: if it never came to the conference it was rung for, the conference hears of it."""
        invited = self.expected(call)
        if invited is not None:
            room, seat = invited
            room.leave(seat, Left.NOT_ADDED, str(call.status))

    def end_abandoned(self) -> None:
        """After a restart: what was live when the carrier was killed has ended."""
        for conference, participants in self._house.book.take_abandoned():
            moment = self._house.now()
            for participant in participants:
                facts = {"ParticipantCallStatus": "completed", "ReasonParticipantLeft": str(Left.HUNG_UP)}
                self._house.book.remove_participant(conference, participant, Left.HUNG_UP)
                self._house.telling.tell(conference, "participant-leave", moment, participant, facts)
            conference.status, conference.reason_ended = Status.COMPLETED, Ended.LAST_LEFT
            facts = {"ReasonConferenceEnded": str(Ended.LAST_LEFT), "Reason": "the network was restarted"}
            if participants:
                last = conference.call_sid_ending = participants[-1].call_sid
                facts["CallSidEndingConference"] = last
            self._house.telling.tell(conference, "conference-end", moment, facts=facts)

    def _forget(self, room: Room) -> None:
        self._by_sid.pop(room.conference.sid, None)
