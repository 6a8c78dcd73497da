"""When each campaign ends, as it was last foretold: kept for a while for everybody who looks from this process."""

from dataclasses import dataclass
from datetime import datetime

from console.beside import Beside
from console.office import Office


@dataclass(frozen=True)
class End:
    """``at``: the last call, None where there is none to foretell; ``unreached``: people whom no call will have been
    placed to when the period ends; ``calls``: of the past from which the rates come, 0: they are stated defaults."""

    at: datetime | None
    unreached: int = 0
    calls: int = 0


Ends = Beside[End]


def ends_of(here: Office) -> Ends:
    """What everybody is told of when a campaign ends."""
    return here.keep("ends", lambda: Ends(here.freshness.foretell_s))
