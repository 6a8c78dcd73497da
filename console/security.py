"""What every answer of these screens tells the browser not to do."""

from flask import request
from werkzeug.wrappers import Response

from console.office import Office

# Bootstrap draws its ticks and arrows with images inside its own style sheet (data:).
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'; connect-src 'self'"
)
# What Twilio's telephone in the browser speaks with (twilio.com/docs/voice/sdks/javascript, content policy).
_TWILIO = "https://sdk.twilio.com https://media.twiliocdn.com"
_VOICE = (
    f"https://eventgw.twilio.com wss://voice-js.roaming.twilio.com {_TWILIO}; media-src 'self' mediastream: {_TWILIO}"
)
#: The pages with a telephone in them.
WITH_TELEPHONE = (
    *("console.telephone.page", "console.desk.page", "console.supervision.page"),
    *("console.emergency.page", "console.emergency.begin"),
    *("console.chat_list.page", "console.chat.page", "console.telephone_chat.page"),
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def policy_of(endpoint: str | None, office: Office) -> str:
    """The content policy of a page; only one with a telephone in it may speak with the carrier."""
    if endpoint not in WITH_TELEPHONE:
        return _POLICY
    if office.carrier_ws_url:
        return f"{_POLICY} {office.carrier_ws_url}"
    return f"{_POLICY} {_VOICE}" if office.voice_token else _POLICY


def add_headers(response: Response, office: Office) -> Response:
    """On every answer of this room."""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = policy_of(request.endpoint, office)
    if request.endpoint in WITH_TELEPHONE and office.voice_token:
        response.headers["Permissions-Policy"] = _HEADERS["Permissions-Policy"].replace(
            "microphone=()", "microphone=(self)"
        )
    if office.public_url.startswith("https"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not (request.endpoint or "").endswith("static"):
        response.headers["Cache-Control"] = "no-store"
    return response
