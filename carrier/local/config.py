"""What a local carrier is told when it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.faults import Faults


@dataclass(frozen=True)
class CarrierConfig:
    """``numbers``: (E.164, voice URL, status callback or None) of each number the account owns from the start."""

    bind: str = "127.0.0.1:8100"
    account_sid: str = LOCAL_ACCOUNT
    auth_token: str = LOCAL_TOKEN
    ledger_path: Path | None = None
    personas_path: Path | None = None
    numbers: list[tuple[str, str, str | None]] = field(default_factory=list)
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
