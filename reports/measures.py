"""What the figures of a day are measured by: what was in force on it, and not what is today (decision 0035)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from core import in_force
from core.clock import Clock
from core.database import Database
from core.in_force import History, Kept
from core.tariffs import EVERY_TRUNK, TextTariff
from reports.periods import Period

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Thresholds:
    """Seconds, of the service level: ``in_time`` until a person answers, ``short`` for who hung up at once."""

    in_time: int = 20
    short: int = 5


@dataclass(frozen=True)
class Standards:
    """What an installation measures by, as its settings say now. ``targets``: of each line, conversations a day and
    operator (R14); ``text_tariffs``: by trunk; ``""``: of every one that is not named."""

    targets: Mapping[str, int] = field(default_factory=dict)
    limits: Thresholds = Thresholds()
    text_tariffs: Mapping[str, TextTariff] = field(default_factory=dict)

    def as_kept(self) -> dict[Kept, Any]:
        """The same as it is written down."""
        tariffs = {name: [each.currency, str(each.a_segment)] for name, each in self.text_tariffs.items()}
        return {Kept.TARGETS: dict(self.targets), Kept.SERVICE: asdict(self.limits), Kept.TEXT_TARIFFS: tariffs}


class Measures:
    """What was in force on each day of a period: what was written down last before that day was over, so that nothing
    changes it afterwards. Where nothing ever was, ``today``."""

    def __init__(self, tx: Connection, period: Period, today: Standards) -> None:
        self._period = period
        self._kept: dict[Kept, History] = {name: in_force.history(tx, name) for name in Kept}
        self._today: dict[Kept, Any] = {**today.as_kept(), Kept.OWN_TARGETS: {}}

    def limits_on(self, day: date) -> Thresholds:
        return Thresholds(**self._on(Kept.SERVICE, day))

    def target_on(self, day: date, line: str) -> int:
        """Conversations that a line asks of each operator; 0: none."""
        return int(self._on(Kept.TARGETS, day).get(line, 0))

    def own_target_on(self, day: date, account_id: int | None) -> int | None:
        """Those that are asked of one operator, whatever their lines say; None: those of the lines."""
        return self._on(Kept.OWN_TARGETS, day).get(str(account_id))

    def text_tariff_on(self, day: date, trunk: str) -> TextTariff | None:
        """What each segment of a text cost; None: nobody said."""
        tariffs = self._on(Kept.TEXT_TARIFFS, day)
        found = tariffs.get(trunk) or tariffs.get(EVERY_TRUNK)
        return TextTariff(found[0], Decimal(found[1])) if found else None

    def stretches(self) -> list[tuple[Period, Thresholds]]:
        """The period in as many parts as it had thresholds, one after the other."""
        found: list[tuple[Period, Thresholds]] = []
        for number in range((self._period.last - self._period.first).days + 1):
            day = self._period.first + number * _A_DAY
            limits = self.limits_on(day)
            first = found.pop()[0].first if found and found[-1][1] == limits else day
            found.append((Period(first, day, self._period.zone), limits))
        return found

    def _on(self, name: Kept, day: date) -> Any:
        until: datetime = Period(day, day, self._period.zone).until
        return self._kept[name].before(until, self._today[name])


class Noting:
    """Writes the settings down as a process finds them and where they change under it, and never again the same: of two
    hosts that disagree, each says so once."""

    def __init__(self, db: Database, clock: Clock, standards: Callable[[], Standards]) -> None:
        self._db, self._clock, self._standards = db, clock, standards
        self._seen: dict[Kept, Any] = {}

    def note(self) -> list[Kept]:
        """Those that were another than what was written down last."""
        found = self._standards().as_kept()
        if found == self._seen:
            return []
        with self._db.begin() as tx:
            new = [name for name, value in found.items() if self._seen.get(name) != value]
            written = [name for name in new if in_force.keep(tx, self._clock.now(), name, found[name])]
        self._seen = found
        return written
