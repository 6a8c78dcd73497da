"""The telephone and the document that an operator typed, read as the line's country writes them (R8, R16)."""

from zoneinfo import ZoneInfo

from core.countries import country_in
from core.documents import Document, DocumentProblem, check_written
from core.phones import Phone, PhoneProblem, parse_phone


def read_phone(text: str, zone: ZoneInfo) -> Phone | PhoneProblem:
    """The telephone in E.164, or what is wrong with it."""
    return parse_phone(text.strip(), country_in(zone).code)


def read_document(text: str, zone: ZoneInfo) -> Document | DocumentProblem:
    """The document in normal form, or what is wrong with it."""
    return check_written(text, country_in(zone).code)
