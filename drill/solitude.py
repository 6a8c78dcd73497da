"""How long a caller had nobody: read from what happened on their call, in the order of its happening."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ANNOUNCED = (
    10.0  # seconds for which a sentence holds: the waiting loop speaks again after so many (ivr/flows/operator.py)
)
LONGEST_ALONE = 5.0  # seconds; beyond them the drill has failed


class What(StrEnum):
    ANSWERED = "answered"  # the call is live
    HEARS = "hears"  # a sentence begins
    KEYS = "keys"  # and whatever was being said stops
    COMPANY = "company"  # a person can hear them, and they that person
    NOBODY = "nobody"
    ENDED = "ended"


@dataclass(frozen=True)
class Happening:
    """``at``: seconds of one clock; ``seconds``: of a sentence."""

    at: float
    what: What
    seconds: float = 0.0


@dataclass(frozen=True)
class Gaps:
    """``silence``: with neither a sentence nor a person, pauses of an announced wait too. ``alone``: with no person and
    no announced wait. Seconds, the longest of each; ``total``: of all of being alone."""

    silence: float = 0.0
    alone: float = 0.0
    total: float = 0.0


def gaps(story: Iterable[Happening], until: float) -> Gaps:
    """Of one call, up to ``until`` where it has not ended."""
    happenings = list(story)
    silences = _uncovered(happenings, until, 0.0)
    alone = _uncovered(happenings, until, ANNOUNCED)
    return Gaps(max(silences, default=0.0), max(alone, default=0.0), sum(alone))


def _uncovered(happenings: list[Happening], until: float, holds: float) -> list[float]:
    """Seconds of each stretch of a live call that nothing covers; a sentence covers ``holds`` seconds after its end.

    A sentence that was heard before somebody was on the line promises nothing once that person has left.
    """
    found: list[float] = []
    is_live = has_company = False
    covered = 0.0
    for each in [*happenings, Happening(until, What.ENDED)]:
        if is_live and not has_company and each.at > covered:
            found.append(each.at - covered)
            covered = each.at
        match each.what:
            case What.ANSWERED:
                is_live, covered = True, each.at
            case What.HEARS:
                covered = max(covered, each.at + each.seconds + holds)
            case What.KEYS:
                covered = min(covered, each.at + holds)
            case What.COMPANY:
                has_company = True
            case What.NOBODY:
                has_company, covered = False, each.at
            case What.ENDED:
                is_live = False
    return found
