"""What a Record leaves behind: the recording, and whom its status callback tells of it (twilio.md §4, Record)."""

from datetime import timedelta

from carrier.local.account import API_VERSION
from carrier.local.call import Call
from carrier.local.clock import rfc2822
from carrier.local.interpreter import Conversation
from carrier.local.network import Network
from carrier.local.recordings.book import Recording
from carrier.local.sids import new_sid
from carrier.local.verbs import Record


def keep(network: Network, call: Call, verb: Record, talk: Conversation, seconds: float) -> dict[str, str]:
    """Keeps what was recorded just now; the parameters that tell the action of it."""
    now = call.moment()
    started = now - timedelta(seconds=seconds)
    recording = Recording(new_sid("RE"), call.sid, started, now, round(seconds))
    network.recordings.save(recording)
    facts = {
        "RecordingSid": recording.sid,
        "RecordingUrl": f"{network.config.own_url}{media_path(call.account_sid, recording.sid)}",
        "RecordingDuration": str(recording.seconds),
    }
    if verb.status_callback and "completed" in verb.status_callback_events:
        params = facts | {
            "AccountSid": call.account_sid,
            "CallSid": call.sid,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": rfc2822(started) or "",
        }
        url = talk.go(verb.status_callback_method, verb.status_callback).url
        network.callbacks.send(call, verb.status_callback_method, url, params)
    return facts


def media_path(account_sid: str, sid: str) -> str:
    """Where the sound is, without an extension."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Recordings/{sid}"
