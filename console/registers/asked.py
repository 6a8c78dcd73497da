"""What a visitor asks of a register: days, line, person, kind, state and case stand in the address, words never do."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy import Connection, Row, select

from cases.registers.authority import AuthorityState
from cases.registers.books import Book, Register
from cases.registers.follow_up import REGISTER_KEEPERS
from cases.registers.listing import LONGEST_SEARCH, Place, Wanted
from console.addresses import asked_place, read_day, read_number
from console.hidden import visible_lines
from console.office import office
from console.registers.visit import sees_all_of
from console.tables import account
from core import audit

LONGEST_TEXT = 200  # characters of what is looked for
_NAMES = ("desde", "hasta", "linea", "persona", "clase", "estado", "caso")


@dataclass(frozen=True)
class RegisterAsked:
    """``values``: what stands in the address, by name; ``after``: where the page before ended."""

    wanted: Wanted
    values: dict[str, str]
    people: list[Row]
    after: Place | None
    text: str = field(default="", repr=False)

    @property
    def address(self) -> dict[str, Any]:
        """What an address asks for, so that nothing is asked that it does not say."""
        return {"desde": "", **self.values}

    def told(self) -> list[tuple[str, str]]:
        """What is asked for, as it is printed above what was found: (what, which)."""
        first, last = self.values.get("desde"), self.values.get("hasta")
        people = {str(row.id): row.name for row in self.people}
        found = [
            ("Período", _period(first, last)),
            ("Línea", visible_lines().get(self.wanted.line or "", "todas")),
            ("Persona", people.get(self.values.get("persona", "")) or (self.wanted.person or "todas")),
            (self.wanted.book.kind_label, self.wanted.book.kinds.get(self.wanted.kind or "", "todas")),
        ]
        found += [("Estado", self.wanted.state.label)] if self.wanted.state else []
        found += [("Caso", str(self.wanted.case_id))] if self.wanted.case_id else []
        return found + ([("Con las palabras", self.text)] if self.text else [])


def asked_of(tx: Connection, book: Book) -> RegisterAsked:
    """What makes no sense is not asked. A log that nobody asks for a day of is today's; words without a period are
    looked for in the last month, where each entry has to be opened."""
    values = {name: request.values[name].strip() for name in _NAMES if request.values.get(name, "").strip()}
    text = request.form.get("buscar", "").strip()[:LONGEST_TEXT]
    values |= _days_unasked(book, values, text)
    people = _people(tx) if sees_all_of(book) else []
    emails = {str(row.id): row.email for row in people}
    values = {name: value for name, value in values.items() if _makes_sense(book, name, value, emails)}
    first, last = read_day(values.get("desde")), read_day(values.get("hasta"))
    wanted = Wanted(
        book,
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last else None,
        line=values.get("linea"),
        person=emails.get(values.get("persona", "")) if sees_all_of(book) else current_user.email,
        kind=values.get("clase"),
        state=AuthorityState(values["estado"]) if "estado" in values else None,
        case_id=read_number(values.get("caso")),
        text=text,
    )
    return RegisterAsked(wanted, values, people, asked_place("despues"), text)


def note(tx: Connection, asked: RegisterAsked, what: str, **more: str) -> None:
    """That somebody looked for words, or took a register out, goes on the trail; never which words."""
    facts: dict[str, Any] = {**asked.values, **more, "has_words": bool(asked.text)}
    register, now = asked.wanted.book.register, office().clock.now()
    audit.record(tx, now, current_user.email, f"register.{what}", "register", register, None, **facts)


def today() -> date:
    """Where the institution is."""
    return office().clock.now().astimezone(office().zone).date()


def _days_unasked(book: Book, values: dict[str, str], text: str) -> dict[str, str]:
    if "desde" in request.values or "caso" in values:
        return {}
    if text and not book.searches_plain:
        return {"desde": f"{today() - LONGEST_SEARCH + timedelta(days=1)}", "hasta": f"{today()}"}
    return {"desde": f"{today()}", "hasta": f"{today()}"} if book.register is Register.DIARIA else {}


def _makes_sense(book: Book, name: str, value: str, emails: dict[str, str]) -> bool:
    known = {
        "linea": value in visible_lines(),
        "persona": value in emails,
        "clase": value in book.kinds,
        "estado": book.register is Register.GESTIONES and value in list(AuthorityState),
        "caso": read_number(value) is not None,
    }
    return known[name] if name in known else read_day(value) is not None


def _people(tx: Connection) -> list[Row]:
    """Who keeps registers, or kept them."""
    keepers = account.c.role.in_(list(REGISTER_KEEPERS))
    known = select(account.c.id, account.c.email, account.c.name).where(keepers)
    return list(tx.execute(known.order_by(account.c.name, account.c.id)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, office().zone)


def _period(first: str | None, last: str | None) -> str:
    if not first and not last:
        return "todo"
    days = [f"{day:%d/%m/%Y}" if (day := read_day(each)) else "" for each in (first, last)]
    if days[0] == days[1]:
        return days[0]
    return f"del {days[0]} al {days[1]}" if all(days) else (f"desde {days[0]}" if days[0] else f"hasta {days[1]}")
