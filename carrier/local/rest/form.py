"""Parameters of a REST request, checked one at a time. What is wrong is a RestError of Twilio's code."""

import re
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDictProxy

from carrier.local.rest.errors import RestError

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PUNCTUATION = re.compile(r"[ ().-]")
OTHER_ADDRESSES = ("sip:", "client:", "whatsapp:")
METHODS = ("GET", "POST")


class Form:
    """The fields of one POST."""

    def __init__(self, fields: "MultiDictProxy[str | bytes | bytearray | web.FileField]") -> None:
        self._fields = fields

    @classmethod
    async def of(cls, request: web.Request) -> "Form":
        return cls(await request.post())

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, default: str = "") -> str:
        value = self._fields.get(name, default)
        return value if isinstance(value, str) else default

    def texts(self, name: str) -> list[str]:
        """A repeated field, or one with several words."""
        return [word for value in self._fields.getall(name, []) if isinstance(value, str) for word in value.split()]

    def url(self, name: str) -> str | None:
        """An absolute web address, or None if none was given. 21205, 21609 for a status callback."""
        value = self.text(name).strip()
        if not value:
            return None
        if is_web_address(value):
            return value
        raise RestError(21609 if name == "StatusCallback" else 21205, f"{name} is not a valid URL")

    def method(self, name: str, default: str = "POST") -> str:
        value = self.text(name, default).upper() or default
        if value not in METHODS:
            raise RestError(21209, f"{name} must be GET or POST")
        return value

    def whole(self, name: str, default: int, low: int, high: int, code: int = 20001) -> int:
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise RestError(code, f"{name} must be a whole number from {low} to {high}")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """Anything but true is false, as at Twilio; ``default`` where it is not given."""
        return self.text(name).lower() == "true" if name in self else default


def is_web_address(value: str) -> bool:
    """http or https, with a host that has no underscore, and no white space."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and bool(host) and "_" not in host and not re.search(r"\s", value)
    except ValueError:
        return False


def as_number(value: str) -> str | None:
    """E.164 of a number that may be written with spaces and hyphens; None if it is not one."""
    number = PUNCTUATION.sub("", value)
    return number if E164.fullmatch(number) else None


def is_other_address(value: str) -> bool:
    """An address that is no telephone number: it can be called, and nobody will be there."""
    return value.startswith(OTHER_ADDRESSES)
