"""What the texts of a campaign take and cost, as they are and in the cheaper letters (formato-v1.md §8)."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from campaigns.tables import recipient
from campaigns.texting.wording import Wording, wording_of
from core.privacy import Vault
from core.segments import UCS2, segments
from core.tariffs import TextTariff

LOOKED_AT = 5_000  # people: of a longer list as many, evenly, tell of the others
_LONGEST = 200  # of those of whom most is written, each is looked at


@dataclass(frozen=True)
class Written:
    """One way of writing it. ``parts``: share of the texts by how many segments they take; ``longest``: the text that
    takes most, as it will be read; ``dear``: the share that travels in the letters of which 70 fit."""

    parts: Mapping[int, float]
    longest: str = field(repr=False)
    dear: float

    @property
    def each(self) -> float:
        """Segments of a text, on average."""
        return sum(count * share for count, share in self.parts.items())

    @property
    def most(self) -> int:
        return max(self.parts, default=0)


@dataclass(frozen=True)
class TextCosts:
    """``texts``: at most so many, one to each person who may be reached; ``is_plain``: which of the two is sent;
    ``is_exact``: each was looked at."""

    texts: int
    written: Written
    plain: Written
    is_plain: bool
    is_exact: bool
    tariff: TextTariff | None

    @property
    def sent(self) -> Written:
        return self.plain if self.is_plain else self.written

    @property
    def is_dear(self) -> bool:
        """Whether the other letters would save anything."""
        return self.plain.each < self.written.each

    def segments(self, which: Written) -> int:
        """Of all of them."""
        return round(self.texts * which.each)

    def cost(self, which: Written) -> Decimal | None:
        """None: nobody said what one costs."""
        return self.tariff.cost(self.segments(which)) if self.tariff else None


def text_costs(
    tx: Connection,
    vault: Vault,
    now: datetime,
    row: Row,
    tariff: TextTariff | None,
    without: ColumnElement[bool] | None = None,
) -> TextCosts | None:
    """Of a campaign (its row); None: it sends none. ``without``: a condition on ``recipient`` under which somebody is
    left out."""
    told = wording_of(vault, now, row) if row.texting is not None else None
    if told is None:
        return None
    reached = [recipient.c.campaign_id == row.id, ~recipient.c.is_final, recipient.c.phones > 0]
    reached += [~func.coalesce(without, False)] if without is not None else []
    people = tx.execute(select(func.count()).where(*reached)).scalar_one()
    some = _some(tx, vault, reached, people)
    return TextCosts(
        texts=people,
        written=_written(told.in_letters(plain=False), some),
        plain=_written(told.in_letters(plain=True), some),
        is_plain=row.is_plain_text,
        is_exact=people <= LOOKED_AT,
        tariff=tariff,
    )


def _some(
    tx: Connection, vault: Vault, reached: Iterable[ColumnElement[bool]], people: int
) -> list[tuple[dict[str, str], bool]]:
    """What these put into the text, and whether they tell of the others too."""
    every = max(-(-people // LOOKED_AT), 1)
    evenly = select(recipient.c.data_sealed).where(*reached, recipient.c.row % every == 0)
    longest = (
        select(recipient.c.data_sealed).where(*reached).order_by(func.octet_length(recipient.c.data_sealed).desc())
    )
    found = [(_values(vault, each), True) for each in tx.execute(evenly).scalars()]
    if every == 1:
        return found
    return found + [(_values(vault, each), False) for each in tx.execute(longest.limit(_LONGEST)).scalars()]


def _values(vault: Vault, data_sealed: bytes) -> dict[str, str]:
    contact: dict[str, Any] = json.loads(vault.open(data_sealed))["contact"]
    return contact["values"]


def _written(told: Wording, people: Iterable[tuple[dict[str, str], bool]]) -> Written:
    parts: Counter[int] = Counter()
    longest, most, dear = "", (0, 0), 0
    for values, tells in people:
        text = told.to(values)
        found = segments(text)
        if tells:
            parts[found.count] += 1
            dear += found.encoding == UCS2
        if (found.count, len(text)) > most:
            longest, most = text, (found.count, len(text))
    in_all = max(parts.total(), 1)
    return Written({count: some / in_all for count, some in sorted(parts.items())}, longest, dear / in_all)
