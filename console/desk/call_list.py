"""Llamadas: every call that wanted a person, with who attended it and how it ended."""

from datetime import datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask_login import current_user

from console.access import DESK, OVERSEES, requires
from console.addresses import asked_number, page_number, read_day
from console.cases.quality import JUDGES
from console.desk.visit import desk, oversees
from console.desk.words import ENDINGS
from console.hidden import hidden_attempts, hidden_lines, visible_lines
from console.office import office
from core.roles import Role
from desk import call_list, presence
from desk.call_list import A_PAGE, Wanted

screen = Blueprint("call_list", __name__)

_ONLY_THEIR_OWN = frozenset({Role.OPERADOR})


@screen.get("/llamadas")
@requires(*DESK)
def page() -> str:
    here, hidden = desk(), hidden_lines()
    with here.db.begin() as tx:
        operators = presence.everyone(tx)
        wanted = _wanted({row.account_id for row in operators})
        total = call_list.count(tx, wanted, hidden, without=hidden_attempts())
        number = min(page_number(), max(1, -(-total // A_PAGE)))
        offset = (number - 1) * A_PAGE
        found = call_list.calls(tx, here, wanted, hidden, without=hidden_attempts(), offset=offset)
    return render_template(
        "console/call_list.html",
        calls=found,
        total=total,
        number=number,
        pages=max(1, -(-total // A_PAGE)),
        lines=visible_lines(),
        operators=[] if current_user.role in _ONLY_THEIR_OWN else operators,
        endings=ENDINGS,
        asked=request.args,
        judges=current_user.role in JUDGES,
        oversees=current_user.role in OVERSEES,
        intervenes=oversees(),
    )


@screen.get("/llamadas/sin-persona")
@requires(*OVERSEES)
def by_machine() -> str:
    """What the machine alone attended: one more row is read than shown, to know whether there is another page."""
    here, hidden, register = desk(), hidden_lines(), office().machine_calls
    number = page_number()
    assert register is not None, "with a desk there is its register"
    with here.db.begin() as tx:
        found = register(tx, here, _wanted(set()), hidden, limit=A_PAGE + 1, offset=(number - 1) * A_PAGE)
    return render_template(
        "console/machine_calls.html",
        calls=found[:A_PAGE],
        number=number,
        has_more=len(found) > A_PAGE,
        lines=visible_lines(),
        asked=request.args,
    )


def _wanted(accounts: set[int]) -> Wanted:
    """What the address asks for; an operator sees their own calls. What makes no sense is not asked."""
    asked, own = request.args, current_user.role in _ONLY_THEIR_OWN
    account_id = current_user.account.id if own else asked_number("persona")
    since, until = _day(asked.get("desde")), _day(asked.get("hasta"))
    return Wanted(
        line=asked.get("linea") if asked.get("linea") in visible_lines() else None,
        account_id=account_id if own or account_id in accounts else None,
        since=since,
        until=until + timedelta(days=1) if until else None,
        ended_as=asked.get("final") if asked.get("final") in ENDINGS else None,
        is_emergency=True if asked.get("emergencia") else None,
    )


def _day(text: str | None) -> datetime | None:
    """The beginning of that day, where the institution is."""
    day = read_day(text)
    return datetime.combine(day, time.min, office().zone) if day else None
