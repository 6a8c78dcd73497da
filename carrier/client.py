"""The carrier's REST API through twilio-python, at whatever address the settings name.

What comes of asking for a call or a text is one of four values (architecture, decision 5); no exception decides it.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError, ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

#: The carrier did not answer, or with something that cannot be read (ValueError: it was no JSON).
NO_ANSWER = (RequestException, TwilioException, ValueError)

_CONNECTIONS = 32  # kept open: more than the threads of any process that share one client
TIMEOUT = 10.0  # seconds: longer than the carrier ever needs, shorter than our patience


@dataclass(frozen=True)
class LegOrder:
    """One telephone to be brought to the desk's conversation."""

    to: str  #: E.164, ``client:…`` or ``sip:…``
    caller_id: str
    voice_url: str
    status_url: str
    ring_seconds: int
    send_digits: str = ""


@dataclass(frozen=True)
class Placed:
    sid: str


@dataclass(frozen=True)
class Refused:
    """The carrier will not call this number, or write to it. ``is_ours``: the fault is not in the number, but in our
    account or, if ``is_campaigns``, in what this call was to show or to be: another campaign's may well be taken."""

    code: int
    is_ours: bool
    is_campaigns: bool = False


@dataclass(frozen=True)
class NotAsked:
    """Never processed (429, or no connection was made): safe to ask again."""

    no_connection: bool = False


@dataclass(frozen=True)
class Unknown:
    """The carrier may or may not have it."""


Answer = Placed | Refused | NotAsked | Unknown

#: Faults of the number itself (twilio.md §3.3); any other 4xx is ours.
NUMBER_REFUSED = frozenset(
    {21211, 21214, 21215, 21216, 21217, 21219, 13224, 13225, 13226, 13227}
    | {21610, 21612, 21614, 21635}  # of texts: wants none, cannot be reached, is no mobile, is a fixed line
)


#: Faults of the account as a whole (twilio.md §3.3): who we are, and whether it may call at all.
ACCOUNT_REFUSED = frozenset({10001, 10004, 20001, 20003, 20005, 20008, 20101, 20403, 20404, 90010})


@dataclass(frozen=True)
class RemoteCall:
    """A call as the carrier tells it."""

    sid: str
    to: str
    status: str
    duration_s: int | None
    answered_by: str | None
    created_at: datetime | None = None


class CarrierDown(Exception):
    """The carrier did not answer."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Carrier:
    """One account at one carrier, for occasional questions: synchronous, with time-outs."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        self.account_sid = account_sid
        self._client = Client(account_sid, auth_token, http_client=Rewriting(api_url))

    def fetch(self, sid: str) -> RemoteCall | None:
        """The call, or None where the carrier has none. Raises CarrierDown."""
        try:
            return _remote(self._client.calls(sid).fetch())
        except TwilioRestException as error:
            if error.status == 404:
                return None
            raise CarrierDown from None
        except NO_ANSWER:
            raise CarrierDown from None

    def calls_from(self, caller_id: str, since: datetime, to: Container[str]) -> list[RemoteCall]:
        """The calls placed from a number to any of these since a moment, those still queued included, from a list that
        was read to its end. Raises CarrierDown.

        No citizen's telephone is in the query: of each page those that are wanted are kept, as a busy day's list has
        a hundred thousand others. It is by day, as Twilio documents it, and begins a day early: zones and clocks
        differ. The queue is read first: a call that leaves it meanwhile is in the other list by then.
        """
        after = since - timedelta(days=1)
        found = {}
        try:
            for which in ({"status": "queued"}, {"start_time_after": after}):
                for call in self._client.calls.stream(from_=caller_id, page_size=1000, **which):
                    if call.to in to:
                        found[call.sid] = _remote(call)
        except NO_ANSWER:
            raise CarrierDown from None
        return list(found.values())

    def call(self, order: "LegOrder") -> "Answer":
        """Asks for one call of the desk's and says what came of asking. Never raises for what the carrier did."""
        return answer_to(
            lambda: self._client.calls.create(
                to=order.to,
                from_=order.caller_id,
                url=order.voice_url,
                status_callback=order.status_url,
                status_callback_event=["ringing", "answered", "completed"],
                timeout=order.ring_seconds,
                **({"send_digits": order.send_digits} if order.send_digits else {}),
            )
        )

    def conference_named(self, name: str) -> str | None:
        """The sid of the conference in progress with this name. Raises CarrierDown."""
        try:
            found = self._client.conferences.list(friendly_name=name, status="in-progress", limit=1)
        except NO_ANSWER:
            raise CarrierDown from None
        return str(found[0].sid) if found else None

    def change_participant(self, conference: str, sid: str, **changes: Any) -> bool:
        """Holds, mutes, coaches… a call in a conference. False where it is not in it (any more). Raises CarrierDown."""
        try:
            self._client.conferences(conference).participants(sid).update(**changes)
        except TwilioRestException as error:
            if error.status < 500 and error.status != 429:
                return False
            raise CarrierDown from None
        except NO_ANSWER:
            raise CarrierDown from None
        return True

    def replace(self, sid: str, url: str) -> bool:
        """Makes a live call run another document. False when it was over already. Raises CarrierDown."""
        return self._update(sid, url=url, method="POST")

    def hang_up(self, sid: str) -> bool:
        """Ends a live call. False when it was over already. Raises CarrierDown."""
        return self._update(sid, status="completed")

    def _update(self, sid: str, **changes: str) -> bool:
        try:
            self._client.calls(sid).update(**changes)
        except TwilioRestException as error:
            if error.code == 21220 or error.status == 404:  # it ended in the meantime: a benign race
                return False
            raise CarrierDown from None
        except NO_ANSWER:
            raise CarrierDown from None
        return True


def answer_to(ask: Callable[[], Any]) -> Answer:
    """What came of asking for a call or a text. Never raises for what the carrier or the network did."""
    try:
        made = ask()
    except TwilioRestException as error:
        return refusal(error)
    except ConnectTimeout:
        return NotAsked(no_connection=True)
    except ConnectionError as error:
        return NotAsked(no_connection=True) if _never_connected(error) else Unknown()
    except NO_ANSWER:
        return Unknown()
    return Placed(str(made.sid)) if made.sid else Unknown()


def _never_connected(error: ConnectionError) -> bool:
    """Whether nobody was there to hear us: nothing can have been begun."""
    return isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError)


def refusal(error: TwilioRestException) -> Answer:
    """What came of asking, where the carrier answered with an error."""
    if error.status == 429:
        return NotAsked()
    if error.status >= 500:
        return Unknown()
    is_accounts = error.status in (401, 403) or error.code in ACCOUNT_REFUSED
    is_ours = is_accounts or error.code not in NUMBER_REFUSED
    return Refused(error.code or 0, is_ours, is_campaigns=is_ours and not is_accounts)


def _remote(call: Any) -> RemoteCall:
    duration = int(call.duration) if call.duration not in (None, "") else None
    return RemoteCall(call.sid, call.to or "", call.status, duration, call.answered_by, call.date_created)


def rewritten(url: str, api_url: str) -> str:
    """twilio-python has no base address of its own: the host is put in here."""
    target = urlsplit(api_url)
    return urlunsplit(urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc))


class Rewriting(TwilioHttpClient):
    def __init__(self, api_url: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self._api_url = api_url
        if self.session is not None:
            self.session.trust_env = False
            for scheme in ("http://", "https://"):
                self.session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))

    def request(self, method, url, *args, **kwargs):
        return super().request(method, rewritten(url, self._api_url), *args, **kwargs)
