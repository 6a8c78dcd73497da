"""What a local carrier is told when it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.faults import Faults

OwnNumber: TypeAlias = tuple[str, str, str | None] | tuple[str, str, str | None, str]
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  compared with, not bound to


@dataclass(frozen=True)
class CarrierConfig:
    """``numbers``: (E.164, voice URL, status callback or None) of each number the account owns from the start.

    A fourth item is a TwiML text that the carrier itself serves as the number's voice fallback.
    """

    bind: str = "127.0.0.1:8100"
    account_sid: str = LOCAL_ACCOUNT
    auth_token: str = LOCAL_TOKEN
    ledger_path: Path | None = None
    personas_path: Path | None = None
    numbers: Sequence[OwnNumber] = field(default_factory=list)
    chat_url: str = ""  #: where what people write to the account's numbers is told
    chat_templates: Mapping[str, str] = field(default_factory=dict)  #: the words of approved templates, by ContentSid
    public_url: str | None = None  #: how others reach this carrier, where ``bind`` does not say it
    allowed_origin: str | None = None  #: whose pages may open the browser telephone
    calls_per_second: float | None = None  #: the account's pace; None: as fast as asked
    refuses_over_pace: bool = False  #: answers 429 over the pace, instead of queueing as Twilio does
    checks_caller_ids: bool = True  #: once the account owns numbers, calls are made only from these
    faults: Faults = field(default_factory=Faults)

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @property
    def here(self) -> str:
        """This carrier's address for a client on the same machine."""
        host = "127.0.0.1" if self.host in ANYWHERE else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def own_url(self) -> str:
        """This carrier's address in what it tells applications."""
        return (self.public_url or self.here).rstrip("/")

    @property
    def bins(self) -> dict[str, str]:
        """The documents kept for numbers, by their digits."""
        return {number[0].lstrip("+"): number[3] for number in self.numbers if len(number) == 4}
