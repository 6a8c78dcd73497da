"""What is told of a conference, in the order of its happening (twilio.md §4, Conference)."""

from datetime import datetime

from carrier.local.clock import rfc2822
from carrier.local.conferences.book import ConferenceBook
from carrier.local.conferences.conference import Conference, Participant
from carrier.local.deliveries import Deliveries, Delivery
from carrier.local.web_client import Reply

#: Each event, and the word of statusCallbackEvent that asks for it.
ASKED_FOR_BY = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
EVENTS = frozenset(ASKED_FOR_BY.values())


class Telling:
    """Status callbacks of conferences. Every event takes a number, whether anybody asked for it or not."""

    def __init__(self, deliveries: Deliveries, book: ConferenceBook) -> None:
        self._deliveries = deliveries
        self._book = book

    def tell(
        self,
        conference: Conference,
        event: str,
        moment: datetime,
        participant: Participant | None = None,
        facts: dict[str, str] | None = None,
    ) -> None:
        """``facts``: what only this event says."""
        conference.sequence += 1
        conference.updated_at = moment
        self._book.save(conference)  # also after a kill the numbers go on
        if conference.callback_url is None or ASKED_FOR_BY[event] not in conference.callback_events:
            return
        params = {
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.friendly_name,
            "AccountSid": conference.account_sid,
            "SequenceNumber": str(conference.sequence),
            "Timestamp": rfc2822(moment) or "",
            "StatusCallbackEvent": event,
        }
        params |= (about(participant) if participant else {}) | (facts or {})
        self._send(conference, conference.callback_url, params, moment)

    def _send(self, conference: Conference, url: str, params: dict[str, str], moment: datetime) -> None:
        method = conference.callback_method

        def note(reply: Reply) -> None:
            facts = {"at": moment.isoformat(timespec="milliseconds"), "method": method, "url": url.partition("#")[0]}
            facts |= {"params": params, "status": reply.status, "ms": reply.ms}  # type: ignore[dict-item]
            self._book.note(conference, "conference_request", facts)

        self._deliveries.send(Delivery(conference.sid, method, url, params, note))


def about(participant: Participant) -> dict[str, str]:
    """What the events of a participant say of them."""
    facts = {
        "CallSid": participant.call_sid,
        "Muted": _flag(participant.muted),
        "Hold": _flag(participant.hold),
        "Coaching": _flag(participant.coaching),
        "StartConferenceOnEnter": _flag(participant.start_on_enter),
        "EndConferenceOnExit": _flag(participant.end_on_exit),
    }
    if participant.label:
        facts["ParticipantLabel"] = participant.label
    if participant.call_sid_to_coach:
        facts["CallSidToCoach"] = participant.call_sid_to_coach
    return facts


def _flag(value: bool) -> str:
    return str(value).lower()
