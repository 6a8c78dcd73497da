"""What REST shows of things: every field of Twilio's schema, in its type."""

from typing import Any

from carrier.local.account import API_VERSION
from carrier.local.call import Call
from carrier.local.clock import rfc2822
from carrier.local.message_book import Message
from carrier.local.number_book import Number


def account_path(account_sid: str) -> str:
    return f"/{API_VERSION}/Accounts/{account_sid}"


def call_json(call: Call) -> dict[str, Any]:
    uri = f"{account_path(call.account_sid)}/Calls/{call.sid}"
    parts = ("notifications", "recordings", "streams", "events")
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent_sid,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at or call.created_at),
        "to": call.to,
        "to_formatted": call.to,
        "from": call.from_,
        "from_formatted": call.from_,
        "phone_number_sid": call.phone_number_sid,
        "status": str(call.status),
        "start_time": rfc2822(call.dialled_at),
        "end_time": rfc2822(call.ended_at),
        "duration": None if call.duration is None else str(call.duration),
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
    }


def number_json(number: Number, account_sid: str) -> dict[str, Any]:
    return {
        "sid": number.sid,
        "account_sid": account_sid,
        "friendly_name": number.friendly_name or number.phone_number,
        "phone_number": number.phone_number,
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        "voice_application_sid": None,
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.updated_at),
        "sms_url": number.sms_url,
        "sms_method": number.sms_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_application_sid": None,
        "address_requirements": "none",
        "address_sid": None,
        "identity_sid": None,
        "bundle_sid": None,
        "trunk_sid": None,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "api_version": API_VERSION,
        "origin": "hosted",
        "status": "in-use",
        "type": None,
        "uri": f"{account_path(account_sid)}/IncomingPhoneNumbers/{number.sid}.json",
    }


def message_json(message: Message, account_sid: str) -> dict[str, Any]:
    uri = f"{account_path(account_sid)}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account_sid,
        "messaging_service_sid": message.messaging_service_sid,
        "body": message.body,
        "num_segments": str(message.num_segments),
        "num_media": str(message.num_media),
        "direction": "outbound-api",
        "from": message.from_ or None,
        "to": message.to,
        "status": message.status,
        "error_code": message.error_code,
        "error_message": None if message.error_code is None else "The message did not reach the telephone.",
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.updated_at),
        "date_sent": rfc2822(message.sent_at),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def notification_json(call: Call, index: int, entry: dict[str, Any]) -> dict[str, Any]:
    """An error or a warning of a call, as Notifications show it."""
    sid = f"NO{call.sid[2:-4]}{index:04x}"
    path = account_path(call.account_sid)
    code = str(entry["code"])
    moment = rfc2822(call.updated_at or call.created_at)
    return {
        "sid": sid,
        "account_sid": call.account_sid,
        "call_sid": call.sid,
        "api_version": API_VERSION,
        "log": "1" if entry["is_warning"] else "0",
        "error_code": code,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "message_text": entry["message"],
        "message_date": moment,
        "date_created": moment,
        "date_updated": moment,
        "request_method": "POST",
        "request_url": entry["url"].partition("#")[0],
        "uri": f"{path}/Calls/{call.sid}/Notifications/{sid}.json",
    }
