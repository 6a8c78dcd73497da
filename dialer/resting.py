"""A trunk in trouble rests: its carrier does not answer, or refuses our account, and is left alone for a while. So does
a campaign whose calls are refused for what they show, and the others go on."""

import logging
import time
from collections.abc import Callable, Collection, Sequence

from carrier.client import Answer, NotAsked, Placed, Refused, Unknown
from dialer.lease import Lease

log = logging.getLogger(__name__)

FIRST_REST, LONGEST_REST = 1.0, 60.0  # seconds of real time, doubled at each failure
CARRIER_DOWN = "carrier_down"
NO_ANSWER = "no_answer"
MOST_UNKNOWN = 5  # in a row: one reply can get lost; when none comes, each call more is one more to be asked after


class Backoff:
    """How long something is left alone: twice as long at each failure, up to a minute."""

    def __init__(self, watch: Callable[[], float]) -> None:
        self._watch = watch
        self._seconds, self._until = 0.0, 0.0

    def is_on(self) -> bool:
        return self._watch() < self._until

    def lengthen(self) -> None:
        self._seconds = min(max(self._seconds * 2, FIRST_REST), LONGEST_REST)
        self._until = self._watch() + self._seconds

    def end(self) -> None:
        """The next failure begins anew; what was begun is sat out."""
        self._seconds = 0.0


class Rest:
    """Of one trunk. What ails it is kept in the lease's row, for whoever asks why nothing is dialled, and said in the
    log once."""

    def __init__(self, lease: Lease, watch: Callable[[], float] = time.monotonic) -> None:
        self._lease, self._backoff = lease, Backoff(watch)
        self._unknown = 0  # in a row

    def is_on(self) -> bool:
        """Whether the carrier is left alone for now."""
        return self._backoff.is_on()

    def hear(self, answers: Sequence[Answer]) -> None:
        """One call placed ends a trouble; one that could not be asked, or was refused for our fault, begins or
        lengthens it, and so do some in a row of which it is not known whether they were placed."""
        trouble = next((told for told in map(_trouble_of, answers) if told), None)
        has_answered = any(isinstance(answer, Placed | Refused) for answer in answers)
        self._unknown = 0 if has_answered else self._unknown + sum(isinstance(answer, Unknown) for answer in answers)
        if trouble is None and self._unknown >= MOST_UNKNOWN and any(isinstance(each, Unknown) for each in answers):
            trouble = NO_ANSWER
        if trouble is None or any(isinstance(answer, Placed) for answer in answers):
            if self._lease.trouble and has_answered:
                self._end()
            return
        if self._lease.trouble != trouble:
            log.error("trunk %s rests: %s", self._lease.trunk, trouble)
        self._lease.trouble = trouble
        self._backoff.lengthen()

    def _end(self) -> None:
        log.info("trunk %s: the trouble is over", self._lease.trunk)
        self._backoff.end()
        self._lease.trouble = None


def _trouble_of(answer: Answer) -> str | None:
    """What a trunk should rest for. A 429 is no trouble: the next slot is tried again soon enough."""
    if isinstance(answer, NotAsked) and answer.no_connection:
        return CARRIER_DOWN
    if isinstance(answer, Refused) and answer.is_ours and not answer.is_campaigns:
        return f"refused {answer.code}"
    return None


class CampaignRests:
    """The campaigns of a trunk whose calls its carrier refuses for what they are to show or to be."""

    def __init__(self, watch: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._resting: dict[int, Backoff] = {}

    def is_on(self, campaign_id: int) -> bool:
        return campaign_id in self._resting and self._resting[campaign_id].is_on()

    def hear(
        self, told: Sequence[tuple[int, Answer]], troubled: Collection[int] = frozenset()
    ) -> dict[int, str | None]:
        """``told``: what came of calls, by campaign; ``troubled``: those of which it is written that something ails
        them, by whoever had the trunk before too. Of each whose state changed, what ails it now; None: nothing."""
        changed: dict[int, str | None] = {}
        for campaign_id in {campaign_id for campaign_id, _ in told}:
            answers = [answer for each, answer in told if each == campaign_id]
            refused = next((each for each in answers if isinstance(each, Refused) and each.is_campaigns), None)
            if refused is not None:
                if campaign_id not in self._resting:
                    changed[campaign_id] = f"refused {refused.code}"
                    log.error("campaign %s rests: refused %s", campaign_id, refused.code)
                self._resting.setdefault(campaign_id, Backoff(self._watch)).lengthen()
            elif any(isinstance(each, Placed) for each in answers) and (
                self._ended(campaign_id) or campaign_id in troubled
            ):
                changed[campaign_id] = None
        return changed

    def _ended(self, campaign_id: int) -> bool:
        """Whether it rested until now."""
        return self._resting.pop(campaign_id, None) is not None
