"""Who looks at the registers, at which of them, and what of each they see (R82, R86)."""

from collections.abc import Mapping

from flask import abort
from flask_login import current_user

from cases.registers.books import Book, Register
from cases.registers.entries import BOOKS, RegisterEntry
from cases.registers.follow_up import REGISTER_KEEPERS
from console.access import REGISTERS
from core.roles import Role

OVERSEE = frozenset({Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR, Role.ADMIN})  # they read what is each person's
CORRECT = frozenset({Role.SUPERVISOR, Role.COORDINADOR})  # also what others wrote

_SLUGS: Mapping[str, Book] = {register.value.lower(): BOOKS[register] for register in Register}


def book_or_404(slug: str) -> Book:
    """The register of an address."""
    return _SLUGS.get(slug) or abort(404)


def slug_of(book: Book) -> str:
    return book.register.value.lower()


def register_tabs() -> list[tuple[str, str, str | None]]:
    """(what it says, endpoint, the register's slug) of what the visitor reads."""
    if current_user.role not in REGISTERS:
        return []
    books = [(book.title, "console.registers.page", slug) for slug, book in _SLUGS.items()]
    return [*books, ("Recursos", "console.resources.page", None)]


def keeps_registers() -> bool:
    """Whether the visitor writes in them."""
    return current_user.role in REGISTER_KEEPERS


def sees_all_of(book: Book) -> bool:
    """Whether the visitor reads what others wrote in it."""
    return not book.is_personal or current_user.role in OVERSEE


def may_correct(entry: RegisterEntry) -> bool:
    """One's own, and for who supervises everybody's; what was corrected already is not."""
    is_theirs = current_user.role in REGISTER_KEEPERS and entry.person == current_user.email
    return entry.corrected_by is None and (is_theirs or current_user.role in CORRECT)
