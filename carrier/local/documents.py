"""What a web server answered, as a document to carry out (twilio.md §2.1)."""

from carrier.local.twiml_parser import FaultyDocument, parse
from carrier.local.verbs import Document, Play, Say

TWIML_TYPES = ("text/xml", "application/xml", "text/html", "application/twiml")


def as_document(status: int, content_type: str, body: str, url: str) -> Document:
    """TwiML is read; an audio is played; plain text is TwiML if it can be, else spoken. Then the call ends.

    Raises FaultyDocument: 11200 for an HTTP error or no content type, 12300 for any other type, and as ``parse``.
    """
    if not 200 <= status < 300:
        raise FaultyDocument(11200, f"The web server answered {status}.")
    kind = content_type.partition(";")[0].strip().lower()
    if not kind:
        raise FaultyDocument(11200, "The web server gave no content type.")
    if kind in TWIML_TYPES:
        return parse(body)
    if kind.startswith("audio/"):
        return Document((Play(url),))
    if kind == "text/plain":
        return _plain_text(body)
    raise FaultyDocument(12300, "The web server answered with a content type that is not TwiML.")


def _plain_text(body: str) -> Document:
    try:
        return parse(body)
    except FaultyDocument as fault:
        if fault.code == 11770:
            raise
        return Document((Say(" ".join(body.split())),))
