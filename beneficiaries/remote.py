"""The padrón in another institution's system (GLPWEBV2), over HTTP. The contract is docs/registry-api.md."""

import json
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from ipaddress import ip_address
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from sqlalchemy import Connection
from urllib3.exceptions import HTTPError

from beneficiaries.patience import SECONDS
from beneficiaries.registry import Beneficiary, PinReason, RegistryDown, Standing, UnknownBeneficiary
from core import audit
from core.clock import Clock
from core.database import Database
from core.phones import looks_like_caller_id
from core.privacy import Vault

_CONNECT_SECONDS = 1.0
_LARGEST_ANSWER = 64 * 1024
_PIECE = 8 * 1024

T = TypeVar("T")


class _Bearer(AuthBase):
    """A header set by hand would give way to a ~/.netrc; this does not."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class RemoteRegistry:
    """Registry over HTTP. Whatever goes wrong, a late or a strange answer too, is RegistryDown.

    That a PIN was set goes into the audit trail as soon as it is known, in a transaction of its own: whoever asked may
    have hung up, or given up waiting.
    """

    is_elsewhere = True

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, url: str, token: str, seconds: float = SECONDS
    ) -> None:
        """``url``: where the contract's paths begin. ``seconds``: for each question, all in all.

        Raises ValueError unless the address is https, or http on loopback.
        """
        if not _is_private(url):
            raise ValueError("a remote registry must be reached over https: PINs travel in its requests")
        self._db = db
        self._vault = vault
        self._clock = clock
        self._seconds = seconds
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.mount("https://", HTTPAdapter(pool_maxsize=16))

    def find(self, tx: Connection | None, document: str) -> Beneficiary | None:
        answer = self._ask("/beneficiaries/find", {"document": document}, self._deadline())
        if "beneficiary" not in answer:
            raise RegistryDown
        found = answer["beneficiary"]
        return None if found is None else _beneficiary(found, document)

    def set_pin(self, tx: Connection | None, document: str, pin: str, reason: PinReason, made_by: str) -> None:
        body = {"document": document, "pin": pin, "reason": reason.value, "made_by": made_by}
        key = self._vault.fingerprint("set_pin", "\x00".join((document, pin, made_by))).hex()
        until = self._deadline()
        try:
            answer = self._ask("/pins/set", body, until, key)
        except RegistryDown:
            answer = self._ask("/pins/set", body, until, key)  # safe: the key says that it is the same request
        if answer.get("result") == "unknown":
            raise UnknownBeneficiary
        if answer.get("result") != "set":
            raise RegistryDown
        subject = self._vault.fingerprint("document", document).hex()
        with self._db.begin() as own:
            audit.record(own, self._clock.now(), made_by, "pin.set", "beneficiary", subject, reason=reason.value)

    def pin_was_used(self, tx: Connection | None, document: str, pin: str) -> bool:
        used = self._ask("/pins/check", {"document": document, "pin": pin}, self._deadline()).get("used")
        if not isinstance(used, bool):
            raise RegistryDown
        return used

    def _deadline(self) -> float:
        return monotonic() + self._seconds

    def _ask(self, path: str, body: Mapping[str, str], until: float, key: str | None = None) -> dict:
        """``until``: of the monotonic clock."""
        left = until - monotonic()
        if left <= 0:
            raise RegistryDown
        try:
            with self._session.post(
                self._url + path,
                json=body,
                headers={"Idempotency-Key": key} if key else {},
                timeout=(min(_CONNECT_SECONDS, left), left),
                allow_redirects=False,
                stream=True,
            ) as response:
                answer = json.loads(_content(response, until))
        except (requests.RequestException, HTTPError, ValueError):
            raise RegistryDown from None  # the cause may hold what was answered: a citizen's data
        if not isinstance(answer, dict):
            raise RegistryDown
        return answer


def _content(response: requests.Response, until: float) -> bytes:
    """All of an answer that comes in time, and is no longer than it may be."""
    if response.status_code != HTTPStatus.OK:
        raise RegistryDown
    content = bytearray()
    # As it comes: iter_content waits until a piece is whole, and what drips never is.
    while piece := response.raw.read1(_PIECE, decode_content=True):
        content += piece
        if len(content) > _LARGEST_ANSWER or monotonic() > until:
            raise RegistryDown
    return bytes(content)


def _beneficiary(found: object, document: str) -> Beneficiary:
    try:
        if not isinstance(found, dict) or found["document"] != document:
            raise RegistryDown
        return Beneficiary(
            document=document,
            name=_typed(found["name"], str),
            birth_date=date.fromisoformat(found["birth_date"]),
            standing=Standing(found["standing"]),
            phone=looks_like_caller_id(_typed(found["phone"] or "", str)),  # None where no message could be sent
            has_pin=_typed(found["has_pin"], bool),
        )
    except (KeyError, TypeError, ValueError):
        raise RegistryDown from None


def _typed(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError
    return value


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
