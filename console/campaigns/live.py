"""Una campaña, en vivo: how it goes, why it waits, and how to stop it, told as it changes."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, get_template_attribute, render_template, request, stream_with_context
from markupsafe import Markup
from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from campaigns import attempts, status
from campaigns.clearing import OVER
from campaigns.counting import tally
from campaigns.outcomes import MET, REJECTED, Outcome
from campaigns.rules.standing import elsewhere
from campaigns.states import TEXTS, CampaignState
from campaigns.texting.sentences import said_of
from campaigns.validation import calls_wanted
from console import queries
from console.access import CAMPAIGNS, requires
from console.campaigns.decisions import possible
from console.campaigns.foretold import end_of
from console.campaigns.found import campaign_or_404
from console.campaigns.live_board import Picture, live_board_of, stamp_of
from console.chart import answer_chart, calls_chart
from console.office import Office, office
from core.countries import COUNTRIES
from core.privacy import Vault, mask_phone
from reports.campaign import about_of

screen = Blueprint("live", __name__)

LISTENS_S = (
    8.0  # less than a worker is given to end (core/processes/server.py): whoever listens never holds up a restart
)
_LOOKS_EVERY_S = 1.0
_COMES_BACK_MS = (1000, 2000)  # after having listened; after having been told, because every seat was taken
_STILL_THERE = ":\n\n"  # a comment: whoever left is noticed by it, and the seat is free
_NEWEST = 8  # lines of the trail, and calls
_QUIET = {"campaign.sample_shown", "campaign.answers_shown"}  # of no use to who watches the calls
_FAMILIES = ("done", "spoke", "no_contact", "not_called", "technical")
_PARTS = (
    "top",
    "said",
    "figures",
    "pace",
    "bar",
    "why",
    "calls_wanted",
    "minutes",
    "answers",
    "events",
    "history",
    "outcomes",
)


@dataclass(frozen=True)
class Part:
    """One outcome of the bar and the table; ``family`` gives its colour; ``x`` and ``width`` in percent;
    ``is_retried``: of people who will be called again."""

    code: str
    family: str
    count: int
    x: float
    width: float
    is_retried: bool = False


@dataclass(frozen=True)
class Event:
    """A call of the last ones, masked."""

    id: int
    recipient_id: int
    at: Any
    row: int
    phone: str
    outcome: str | None
    state: str


@screen.get("/campanas/<id:campaign_id>/en-vivo")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    picture = _picture(campaign_id)
    parts = _parts(picture)
    return render_template("console/live.html", campaign=picture.row, parts=_safe(parts), stamp=_stamp(parts))


@screen.get("/campanas/<id:campaign_id>/vivo")
@requires(*CAMPAIGNS)
def parts(campaign_id: int) -> str:
    """The parts of the page that change, as they are now."""
    return "\n".join(_parts(_picture(campaign_id)).values())


@screen.get("/campanas/<id:campaign_id>/eventos")
@requires(*CAMPAIGNS)
def events(campaign_id: int) -> Response:
    """The parts that changed, as soon as they do, for as long as a seat may be kept; with none free, once.

    ``Last-Event-ID``, or ``sello``: what the page shows already.
    """
    known = request.headers.get("Last-Event-ID") or request.args.get("sello", "")
    _picture(campaign_id)  # who may not see it is told so, before anything is said
    told = stream_with_context(_told(campaign_id, dict(zip(_shown(), known.split("."), strict=False))))
    return Response(told, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _told(campaign_id: int, known: dict[str, str]) -> Iterator[str]:
    with live_board_of(office()).seat() as is_mine:
        until = time.monotonic() + LISTENS_S if is_mine else 0.0
        yield f"retry: {_COMES_BACK_MS[0 if is_mine else 1]}\n\n"
        while True:
            try:
                picture = _picture(campaign_id)
            except (HTTPException, OperationalError):
                return  # what it was is told to whoever comes back
            found = _parts(picture)
            stamps = {name: stamp_of(html) for name, html in found.items()}
            changed = [html for name, html in found.items() if known.get(name) != stamps[name]]
            known = stamps
            yield _message(_joined(stamps), "\n".join(changed)) if changed else _STILL_THERE
            if picture.is_over or time.monotonic() + _LOOKS_EVERY_S > until:
                return
            time.sleep(_LOOKS_EVERY_S)


def _message(stamp: str, html: str) -> str:
    """One event of the stream (HTML standard, Server-sent events): a line of data for each line."""
    lines = "\n".join(f"data: {line}" for line in html.splitlines() if line.strip())
    return f"id: {stamp}\n{lines}\n\n"


def _picture(campaign_id: int) -> Picture:
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
    return live_board_of(here).picture(campaign_id, lambda: _drawn(here, row), state=row.state)


def _shown() -> tuple[str, ...]:
    here = office()
    return (*_PARTS, "decisions", *(["band"] if here.is_rehearsal or here.is_local_carrier else []))


def _parts(picture: Picture) -> dict[str, str]:
    """Those of everybody, what the visitor may decide, and the band above the page."""
    own = {"decisions": _macro("decisions", picture.row, possible(picture.row))}
    if "band" in _shown():
        own["band"] = render_template("console/band.html")
    return {**picture.parts, **own}


def _safe(parts: Mapping[str, str]) -> dict[str, Markup]:
    return {name: Markup(html) for name, html in parts.items()}  # noqa: S704 - made by our own templates


def _stamp(parts: Mapping[str, str]) -> str:
    return _joined({name: stamp_of(html) for name, html in parts.items()})


def _joined(stamps: Mapping[str, str]) -> str:
    return ".".join(stamps.get(name, "") for name in _shown())


def _macro(name: str, *given: object) -> str:
    return str(get_template_attribute("console/live_parts.html", name)(*given)).strip()


def _drawn(here: Office, row: Row) -> Picture:
    """All of it as of one moment, so that its parts say the same."""
    with here.db.begin() as tx:
        tally.people(tx, row.id)  # what it has to write down is written here: below, it would be in another's way
    with here.db.begin() as tx:
        tx.execute(text("set transaction isolation level repeatable read"))
        seen = _seen(here, tx, row)
        charts = _charts_of(here, tx, row)
    return Picture(row, seen["is_over"], {name: charts.get(name) or _macro(name, seen) for name in _PARTS})


def _charts_of(here: Office, tx: Connection, row: Row) -> Mapping[str, str]:
    """Half of what a look costs, and the least of what changes: not drawn at each look, while there will be others."""

    def draw() -> Mapping[str, str]:
        return {
            "minutes": _macro("minutes", _minutes(here, tx, row)),
            "answers": _macro("answers", _hours(here, tx, row)),
        }

    return draw() if row.state in OVER else live_board_of(here).slow_parts(row.id, row.state, draw)


def _minutes(here: Office, tx: Connection, row: Row) -> dict[str, Any]:
    found = status.calls_a_minute(tx, row.id, status.on_the_line(tx, row), of_texts=row.mode == TEXTS)
    drawn = calls_chart(found, here.pace_of(row).calls_per_second * 60, said_of(row.mode))
    return {"campaign": row, "minutes": found, "chart": drawn}


def _hours(here: Office, tx: Connection, row: Row) -> dict[str, Any]:
    found = tally.hours(tx, row.id, COUNTRIES[row.country].zone.key if row.country else here.zone.key)
    return {"hours": found, "answers": answer_chart(found)}


def _seen(here: Office, tx: Connection, row: Row) -> dict[str, Any]:
    now = here.clock.now()
    people = tally.people(tx, row.id)
    live = status.on_the_line(tx, row)
    told = status.status_by(tx, now, row, people, live, here.trunks.now())
    return {
        "campaign": row,
        "status": told,
        "reached": status.reached(people),
        "pace": status.pace_of(tx, now, row.id, people, live),
        "outcomes": parts_of(told),
        "elsewhere": elsewhere(tx, here.trunks.now(), row) if row.state == CampaignState.RUNNING else None,
        "calls_wanted": calls_wanted.people(tx, here.vault, row),
        "events": _events(here, tx, row.id),
        "trail": queries.trail(tx, row.id, _QUIET, _NEWEST),
        "ends": end_of(here, now, row),
        "is_over": row.state in OVER,
        "asks_questions": about_of(here.vault, row).asks,
    }


def parts_of(told: status.Status) -> list[Part]:
    """Final outcomes, then the last ones of those who will be called again, side by side as parts of all people. Rows
    that never were people to be called come last, and have no part."""
    final = sorted(told.outcomes.items(), key=lambda item: _FAMILIES.index(family_of(item[0])))
    people = [(code, count, False) for code, count in final if code not in REJECTED]
    people += [(code, count, True) for code, count in told.waiting.items()]
    found, x = [], 0.0
    for code, count, is_retried in people:
        width = 100 * count / told.loaded if told.loaded else 0.0
        found.append(Part(code, family_of(code), count, round(x, 3), round(width, 3), is_retried))
        x += width
    return found + [Part(code, family_of(code), count, 0.0, 0.0) for code, count in final if code in REJECTED]


def family_of(code: str) -> str:
    """Which of five families an outcome belongs to: what was wanted, and four ways of not getting there."""
    if code in MET or code == Outcome.TEXT_DELIVERED:
        return "done"
    if code == Outcome.TEXT_UNCONFIRMED:
        return "spoke"
    if code.startswith("contacto_"):
        return "spoke"
    if code == Outcome.TECHNICAL:
        return "technical"
    return "not_called" if code.startswith("no_marcable") else "no_contact"


def _events(here: Office, tx: Connection, campaign_id: int) -> list[Event]:
    rows = queries.last_attempts(tx, campaign_id, _NEWEST)
    return [
        Event(row.id, row.recipient_id, row.moment, row.row, masked_phone(here.vault, row), row.outcome, row.state)
        for row in rows
    ]


def masked_phone(vault: Vault, row: Row) -> str:
    """The telephone of an attempt whose row has its person's ``data_sealed``."""
    phones = attempts.phones_of(vault, row.data_sealed)
    return mask_phone(phones[row.phone]) if row.phone < len(phones) else "—"
