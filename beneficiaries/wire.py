"""Questions over HTTP to a padrón elsewhere, each answered in time or not at all."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from beneficiaries.registry import RegistryDown

_CONNECT_SECONDS = 1.0
_LARGEST_ANSWER = 64 * 1024
_PIECE = 8 * 1024


class _Bearer(AuthBase):
    """A header set by hand would give way to a ~/.netrc; this does not."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Wire:
    """Whatever goes wrong on it, a late or a strange answer too, is RegistryDown."""

    def __init__(self, url: str, token: str, seconds: float) -> None:
        """``url``: where the contract's paths begin. ``seconds``: for each question, all in all.

        Raises ValueError unless the address is https, or http on loopback.
        """
        if not _is_private(url):
            raise ValueError("a remote registry must be reached over https: PINs travel in its requests")
        self._seconds = seconds
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.mount("https://", HTTPAdapter(pool_maxsize=16))

    def ask(self, path: str, body: Mapping[str, object]) -> dict:
        """The answer's object."""
        return self._post(path, body, monotonic() + self._seconds)

    def tell(self, path: str, body: Mapping[str, object], key: str) -> dict:
        """``ask`` of what changes something: said again where the answer was lost, the key telling that it is one."""
        until = monotonic() + self._seconds
        try:
            return self._post(path, body, until, key)
        except RegistryDown:
            return self._post(path, body, until, key)

    def _post(self, path: str, body: Mapping[str, object], until: float, key: str | None = None) -> dict:
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


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
