"""What campaigns are told of the lines of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns.upload.lines_known import LineKnown
from campaigns.upload.request import Request
from core.countries import COUNTRIES


@dataclass(frozen=True)
class CampaignLine:
    """What a campaign takes from the line it belongs to."""

    known: LineKnown
    number: str  #: E.164, shown to whoever is called unless the request names another
    closing: str  #: said last, where the request has no closing script
    privacy: str
    caller_ids: tuple[str, ...] = ()  #: E.164, where it has several: each person always sees the same one


def line_of(request: Request, lines: Sequence[CampaignLine]) -> CampaignLine | None:
    """The line that a request names."""
    return next((line for line in lines if line.known.id == request.linea), None)


def zone_of(lines: Sequence[CampaignLine]) -> ZoneInfo:
    """Where the institution is."""
    return COUNTRIES[lines[0].known.country].zone if lines else ZoneInfo("UTC")
