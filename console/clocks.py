"""Whose hour a person reads or types: the line's, said beside it where it is not the institution's."""

from datetime import datetime
from zoneinfo import ZoneInfo

from console.office import office
from core.countries import COUNTRIES
from desk import hours


def zone_of(line_id: str | None) -> ZoneInfo:
    """Of a line that is not here any more, or of none: where the institution is."""
    line = office().desk_lines.get(line_id or "")
    return line.zone if line else office().zone


def typed_hour(line_id: str | None, local: datetime) -> datetime:
    """What somebody typed in a field of this line."""
    line = office().desk_lines.get(line_id or "")
    return hours.typed_hour(line, local) if line else local.replace(second=0, microsecond=0, tzinfo=office().zone)


def clock_of(line_id: str | None) -> str:
    """``hora de Colombia``."""
    line = office().desk_lines.get(line_id or "")
    return hours.clock_of(line) if line else f"hora de {COUNTRIES[office().country].name}"


def other_clock(line_id: str) -> str:
    """``, hora de Colombia`` behind a moment of this line; "" where its clock is the institution's."""
    return f", {clock_of(line_id)}" if zone_of(line_id) != office().zone else ""


def clocks_of(line_ids: list[str]) -> str:
    """Beside a field whose line is chosen in the same form: ``hora de Colombia``, or whose it is where they differ."""
    clocks = {clock_of(each) for each in line_ids}
    return clocks.pop() if len(clocks) == 1 else "hora del país de la línea"
