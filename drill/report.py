"""What came of one rehearsed call, and what was wrong with it: by the carrier's ledger, not by what we believe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from drill.ears import Heard
from drill.plan import Crew
from drill.solitude import LONGEST_ALONE, Gaps, Happening, What, gaps


@dataclass
class Service:
    """Of a kind, in seconds since the bridge was opened."""

    ringing: float | None = None
    connected: float | None = None


@dataclass
class Report:
    """What came of one call. ``answered``: seconds from dialling to a person; ``faults``: why the drill failed."""

    number: int
    crew: Crew
    wrong: str
    answered: float | None = None
    services: dict[str, Service] = field(default_factory=dict)
    gaps: Gaps = field(default_factory=Gaps)
    dropped: bool = False
    called_back: bool = False
    ended_by: str = ""
    faults: list[str] = field(default_factory=list)


def service_of(calls: Sequence[Heard], opened: float) -> Service:
    """When the first of these calls rang, and when the first was on the line."""
    rang = min((call.ringing for call in calls if call.ringing), default=None)
    came = min((call.connected for call in calls if call.connected), default=None)
    return Service(*(moment - opened if moment else None for moment in (rang, came)))


def judge(report: Report, calls: Iterable[Heard], left: Sequence[float], confirmed: float | None, now: float) -> None:
    """Writes into the report how long the caller had nobody, and who ended it.

    ``calls``: the caller's own; ``left``: when they hung up, for the carrier may notice only at the next document;
    ``confirmed``: when the operator told that help had come. Seconds of the clock of the ledger's reader.
    """
    answered = [call for call in calls if call.answered is not None]
    measured = [gaps(_while_there(call, left), now) for call in answered]
    report.gaps = Gaps(
        max((each.silence for each in measured), default=0.0),
        max((each.alone for each in measured), default=0.0),
        sum(each.total for each in measured),
    )
    report.ended_by = ", ".join(call.ended_by or "nadie" for call in answered)
    if report.gaps.alone > LONGEST_ALONE:
        report.faults.append(f"sola {report.gaps.alone:.1f} s")
    for call in answered:
        is_ours = call.ended is not None and call.ended_by != "person"
        if is_ours and (confirmed is None or (call.ended or 0) < confirmed):
            report.faults.append(f"la desconectamos ({call.ended_by})")


def _while_there(call: Heard, left: Sequence[float]) -> list[Happening]:
    """What happened on a call up to the caller's leaving it."""
    moment = next((moment for moment in left if moment > call.began), None)
    if moment is None or (call.ended is not None and call.ended < moment):
        return call.story
    return [*(each for each in call.story if each.at < moment), Happening(moment, What.ENDED)]
