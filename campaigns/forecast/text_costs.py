"""What the texts of a campaign take and cost, as they are and in the cheaper letters (formato-v1.md §8)."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select

from campaigns.rules.calendar import begins_at, window_for
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
    takes most, as it will be read, and ``row`` (of the upload) whose it is, 0: there is none; ``dear``: the share that
    travels in the letters of which 70 fit."""

    parts: Mapping[int, float]
    longest: str = field(repr=False)
    row: int
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


class _Looked(NamedTuple):
    """Somebody of row ``row``, and what they put into the text; ``tells``: of the others too."""

    row: int
    values: dict[str, str]
    tells: bool


def text_costs(
    tx: Connection,
    vault: Vault,
    now: datetime,
    row: Row,
    tariff: TextTariff | None,
    without: ColumnElement[bool] | None = None,
) -> TextCosts | None:
    """Of a campaign (its row), as they are when it begins; None: it sends none. ``without``: a condition on
    ``recipient`` under which somebody is left out."""
    at = begins_at(window_for(tx, row), row, now)
    told = wording_of(vault, at, row) if row.texting is not None else None
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


def _some(tx: Connection, vault: Vault, reached: Iterable[ColumnElement[bool]], people: int) -> list[_Looked]:
    every = max(-(-people // LOOKED_AT), 1)
    query = select(recipient.c.row, recipient.c.data_sealed).where(*reached)
    most_written = query.order_by(func.octet_length(recipient.c.data_sealed).desc()).limit(_LONGEST)
    evenly = query.where(recipient.c.row % every == 0)
    found = [_Looked(row, _values(vault, sealed), True) for row, sealed in tx.execute(evenly)]
    if every == 1:
        return found
    return found + [_Looked(row, _values(vault, sealed), False) for row, sealed in tx.execute(most_written)]


def _values(vault: Vault, data_sealed: bytes) -> dict[str, str]:
    contact: dict[str, Any] = json.loads(vault.open(data_sealed))["contact"]
    return contact["values"]


def _written(told: Wording, people: Iterable[_Looked]) -> Written:
    """Of texts that are as long as each other the longest is that of the first row."""
    parts: Counter[int] = Counter()
    longest, most, dear = "", (0, 0, 0), 0
    for each in people:
        text = told.to(each.values)
        found = segments(text)
        if each.tells:
            parts[found.count] += 1
            dear += found.encoding == UCS2
        if (found.count, len(text), -each.row) > most:
            longest, most = text, (found.count, len(text), -each.row)
    in_all = max(parts.total(), 1)
    return Written({count: some / in_all for count, some in sorted(parts.items())}, longest, -most[2], dear / in_all)
