"""What every answer of these screens tells the browser not to do."""

from flask import request
from werkzeug.wrappers import Response

from console.office import Office

# Bootstrap draws its ticks and arrows with images inside its own style sheet (data:).
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'; connect-src 'self'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def policy_of(endpoint: str | None, office: Office) -> str:
    """The content policy of a page; only the telephone may speak with the carrier."""
    if endpoint == "console.telephone.page" and office.carrier_ws_url:
        return f"{_POLICY} {office.carrier_ws_url}"
    return _POLICY


def add_headers(response: Response, office: Office) -> Response:
    """On every answer of this room."""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = policy_of(request.endpoint, office)
    if office.public_url.startswith("https"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not (request.endpoint or "").endswith("static"):
        response.headers["Cache-Control"] = "no-store"
    return response
