"""What REST shows of conferences, queues and recordings: every field of Twilio's schema, in its type."""

from typing import Any

from carrier.local.account import API_VERSION
from carrier.local.call import Status
from carrier.local.clock import rfc2822
from carrier.local.conferences.conference import Conference
from carrier.local.conferences.seat import Seat
from carrier.local.config import CarrierConfig
from carrier.local.queues.queue import Member, Queue
from carrier.local.recordings.book import Recording
from carrier.local.rest.shapes import account_path

REGION = "us1"


def conference_json(conference: Conference) -> dict[str, Any]:
    uri = f"{account_path(conference.account_sid)}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.friendly_name,
        "status": str(conference.status),
        "date_created": rfc2822(conference.created_at),
        "date_updated": rfc2822(conference.updated_at),
        "api_version": API_VERSION,
        "region": REGION,
        "reason_conference_ended": conference.reason_ended,
        "call_sid_ending_conference": conference.call_sid_ending,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


def participant_json(seat: Seat) -> dict[str, Any]:
    participant = seat.participant
    path = f"{account_path(participant.account_sid)}/Conferences/{participant.conference_sid}/Participants"
    return {
        "account_sid": participant.account_sid,
        "call_sid": participant.call_sid,
        "label": participant.label or None,
        "call_sid_to_coach": participant.call_sid_to_coach,
        "coaching": participant.coaching,
        "conference_sid": participant.conference_sid,
        "date_created": rfc2822(participant.created_at),
        "date_updated": rfc2822(participant.updated_at),
        "end_conference_on_exit": participant.end_on_exit,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.start_on_enter,
        "status": participant_status(seat),
        "queue_time": str(seat.call.queue_ms),
        "uri": f"{path}/{participant.call_sid}.json",
    }


def participant_status(seat: Seat) -> str:
    """queued, connecting, ringing, connected, complete or failed."""
    if seat.participant.is_connected:
        return "complete" if seat.has_left else "connected"
    if seat.call.is_over:
        return "failed"
    if seat.call.status == Status.RINGING:
        return "ringing"
    return "queued" if seat.call.dialled_at is None else "connecting"


def queue_json(queue: Queue, account_sid: str) -> dict[str, Any]:
    return {
        "sid": queue.sid,
        "account_sid": account_sid,
        "friendly_name": queue.friendly_name,
        "current_size": len(queue.members),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait,
        "date_created": rfc2822(queue.created_at),
        "date_updated": rfc2822(queue.updated_at),
        "uri": f"{account_path(account_sid)}/Queues/{queue.sid}.json",
    }


def member_json(queue: Queue, member: Member, account_sid: str) -> dict[str, Any]:
    return {
        "call_sid": member.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(member.entered_at),
        "position": queue.position(member),
        "wait_time": member.waited,
        "uri": f"{account_path(account_sid)}/Queues/{queue.sid}/Members/{member.call.sid}.json",
    }


def recording_json(recording: Recording, config: CarrierConfig) -> dict[str, Any]:
    path = f"{account_path(config.account_sid)}/Recordings/{recording.sid}"
    parts = {"add_on_results": f"{path}/AddOnResults.json", "transcriptions": f"{path}/Transcriptions.json"}
    return _recording(recording, config.account_sid) | {
        "price": None,
        "uri": f"{path}.json",
        "media_url": config.own_url + path,
        "subresource_uris": parts,
    }


def call_recording_json(recording: Recording, account_sid: str) -> dict[str, Any]:
    path = f"{account_path(account_sid)}/Calls/{recording.call_sid}/Recordings/{recording.sid}"
    return _recording(recording, account_sid) | {"price": None, "uri": f"{path}.json", "track": "both"}


def _recording(recording: Recording, account_sid: str) -> dict[str, Any]:
    return {
        "sid": recording.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.created_at),
        "start_time": rfc2822(recording.started_at),
        "duration": str(recording.seconds),
        "price_unit": "USD",
        "status": "completed",
        "channels": 1,
        "source": "RecordVerb",
        "error_code": None,
        "encryption_details": None,
    }
