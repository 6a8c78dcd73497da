"""Connection overrides: what a webhook's address says in its fragment, as ``#rc=2&ct=1000&rp=ct,5xx``."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

CALL_CAP_MS = 15_000  # no request of a call takes longer, whatever is asked for
LIMITS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
CODES = {"ct": 11240, "rt": 11241, "tt": 11242, "rc": 11243}
RETRIED = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """Milliseconds, and how often to retry after which kinds of failure."""

    ct: int = 5_000  #: to connect
    rt: int = 15_000  #: to the first byte, and between packets
    tt: int = 15_000  #: in total, retries included
    rc: int = 1  #: retries
    rp: frozenset[str] = frozenset({"ct"})

    def retries(self, failure: str) -> bool:
        """``failure``: ct, rt, 4xx or 5xx."""
        return failure in self.rp or "all" in self.rp


@lru_cache(maxsize=4096)
def overrides_of(url: str) -> tuple[Overrides, tuple[int, ...]]:
    """The overrides of an address, and the codes (11240-11243) of those that could not be read and are ignored."""
    values: dict[str, int] = {}
    policy = frozenset({"ct"})
    faults = []
    for part in urlsplit(url).fragment.split("&"):
        name, _, value = part.partition("=")
        if name in LIMITS:
            low, high = LIMITS[name]
            if value.isdigit() and low <= int(value) <= high:
                values[name] = int(value)
            else:
                faults.append(CODES[name])
        elif name == "rp":
            policy = frozenset(value.split(",")) & RETRIED or policy
    return Overrides(rp=policy, **values), tuple(faults)
