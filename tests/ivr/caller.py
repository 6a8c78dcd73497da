"""One telephone at the PIN line, a webhook after the other, where a dialogue would be too smooth."""

from xml.etree import ElementTree

from assembly import Parts
from tests.beneficiaries.builders import ANA
from tests.ivr.scene import LINE
from tests.webhooks import Webhooks

BORN, ANOTHER_DAY = "12031985", "13031985"  # of Ana; not of hers


class Caller:
    """One telephone at the PIN line."""

    def __init__(self, webhooks: Webhooks, number: int = 1, phone: str = "") -> None:
        self.webhooks = webhooks
        self.sid = f"CA{number:032x}"
        self.whose = {"CallSid": self.sid, "From": phone or f"+5037000{number:04}", "To": LINE}
        self.heard = self.ask("/voice/incoming")

    def ask(self, address: str, **said: str) -> str:
        path = address.removeprefix(self.webhooks.public_url).partition("#")[0]
        status, _, document = self.webhooks.post(self.webhooks.public_url + path, self.whose | said)
        assert status == 200
        return document

    def press(self, *keys: str) -> str:
        for each in keys:
            self.heard = self.ask(self.next, Digits=each)
        return self.heard

    @property
    def next(self) -> str:
        return next_of(self.heard)

    def reach_the_birth_date(self) -> "Caller":
        self.press("2", "1", ANA)
        return self


def next_of(document: str) -> str:
    """Where its answer goes, or where it is sent."""
    root = ElementTree.fromstring(document)
    gather, redirect = root.find("Gather"), root.find("Redirect")
    return str(gather.get("action")) if gather is not None else str(redirect.text if redirect is not None else None)


def says(parts: Parts, document: str, key: str) -> bool:
    return parts.world.catalogs["dgs"].own_words(key) in document


def hang_up(caller: Caller) -> None:
    url = f"{caller.webhooks.public_url}/voice/status"
    caller.webhooks.post(url, caller.whose | {"CallStatus": "completed", "CallDuration": "40"})
