"""Letters to people of the institution: what waits, and where it is seen. Nothing in them says whom it is about."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core import post
from core.mail_address import address_key
from core.post import Letter
from core.privacy import Vault
from core.roles import Role

#: E-mails of whoever has one of these roles and may see the line.
People = Callable[[Connection, Collection[Role], str], list[str]]

_NOBODY_NAMED = "Por seguridad, en este correo no se escribe ningún dato de la persona."


def who_supervises(tx: Connection, people: People, line: str) -> list[str]:
    """Of a line that is for no supervisor, the Dirección."""
    return people(tx, (Role.SUPERVISOR,), line) or people(tx, (Role.DIRECTOR,), line)


@dataclass(frozen=True)
class Notice:
    """What is written, to one or to several alike. ``told``: its paragraphs; ``link``: what is to be done there, a
    colon and the address; ``once``: what it is about, of which nobody is written to twice."""

    kind: str
    subject: str
    told: tuple[str, ...]
    link: str
    line: str
    once: str
    case_id: int | None = None

    def to(self, vault: Vault, email: str) -> Letter:
        body = "\n\n".join(("Buen día:", *self.told, self.link, _NOBODY_NAMED)) + "\n"
        once = f"{self.once}:{address_key(vault, email)}"
        return Letter(self.kind, email, self.subject, body, self.line, case_id=self.case_id, once=once)


def leave(tx: Connection, vault: Vault, now: datetime, to: Iterable[str], notice: Notice) -> None:
    """One to each of these e-mails."""
    for email in to:
        post.leave(tx, vault, now, notice.to(vault, email))


def see(where: str, what: str = "verla") -> str:
    """The link of most of them."""
    return f"Entre con su cuenta para {what}:\n{where}"
