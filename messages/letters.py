"""Carries letters to a mail server, or into a folder: tried again and again for a day while they are not taken."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from sqlalchemy import Row

from core.privacy import Vault
from messages.courier import Answer, Later, Never, Taken

FIRST_WAIT, LONGEST_WAIT, A_DAY = 60, 3600, 24 * 3600  # seconds
SMTP_SECONDS = 20
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def wait_before(tries: int) -> int:
    """Seconds between a try that failed, after so many others, and the next: a minute, two, four … at most an hour."""
    return min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT)


#: How often a letter is tried: the waits between make a day.
TRIES = next(n for n in range(1, 1000) if sum(map(wait_before, range(n))) >= A_DAY) + 1


class MailServerDown(Exception):
    """The server does not take the letter now. The message is a sentence in Spanish, with nothing of a person."""


class MailRefused(Exception):
    """The server will never take it. The message is a sentence in Spanish, with nothing of a person."""


@dataclass(frozen=True)
class SmtpCourier:
    """Hands letters to a mail server. ``url``: ``smtp://user:password@host:587`` (encrypted with STARTTLS, which is
    demanded but on loopback) or ``smtps://…:465``."""

    url: str = field(repr=False)

    def deliver(self, message: EmailMessage) -> None:
        """Raises MailServerDown, MailRefused."""
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise _judged(max(code for code, _ in error.recipients.values())) from None
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
            raise MailServerDown(f"El servidor de correo no nos deja entrar ({error.smtp_code}).") from None
        except smtplib.SMTPResponseException as error:
            raise _judged(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise MailServerDown("El servidor de correo no ofrece conexión cifrada, o no acepta contraseña.") from None
        except (OSError, smtplib.SMTPException):
            raise MailServerDown("El servidor de correo no contesta.") from None

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, user = parts.hostname or "", unquote(parts.username or "")
        secure = ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS, context=secure)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SMTP_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme != "smtps" and (host not in _LOOPBACK or server.has_extn("starttls")):
                server.starttls(context=secure)
            if user:
                server.login(user, unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _judged(code: int) -> Exception:
    """A reply of the 400s may change by itself, one of the 500s does not (RFC 5321, 4.2.1)."""
    if code >= 500:
        return MailRefused(f"El servidor de correo rechazó el mensaje o su dirección ({code}).")
    return MailServerDown(f"El servidor de correo pidió esperar ({code}).")


@dataclass(frozen=True)
class FolderCourier:
    """Where there is no mail server: a file ``.eml`` each, which any mail program opens."""

    folder: Path

    def deliver(self, message: EmailMessage) -> None:
        """Whole or not at all, and readable by its owner alone. Raises MailServerDown where it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                file.write(message.as_bytes())
            name = str(message["Message-ID"]).strip("<>").partition("@")[0]
            Path(file.name).replace(self.folder / f"{name}.eml")
        except OSError:
            raise MailServerDown("No se puede escribir en la carpeta de correos.") from None


@dataclass(frozen=True)
class LetterCourier:
    """``sender``: the address that letters come from; ``institution``: the name beside it; ``deliver`` takes a message
    or raises MailServerDown, MailRefused."""

    vault: Vault
    sender: str
    institution: str
    deliver: Callable[[EmailMessage], None]

    def written(self, row: Row) -> EmailMessage:
        """Headers are set by the library, which refuses a line break in any; nothing is ever attached."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.institution.replace("\n", " ").replace("\r", " "), addr_spec=self.sender)
        message["To"] = Address(addr_spec=self.vault.open(row.to_sealed))
        message["Subject"] = row.subject
        message["Date"] = row.queued_at
        message["Message-ID"] = f"<{row.id:06}-{row.kind}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.vault.open(row.body_sealed))
        return message

    def segments(self, written: EmailMessage) -> None:
        return None

    def hand_over(self, written: EmailMessage) -> Answer:
        try:
            self.deliver(written)
        except MailRefused as problem:
            return Never(str(problem))
        except MailServerDown as problem:
            return Later(str(problem))
        return Taken()

    def look_for(self, written: EmailMessage, since: datetime) -> Sequence[Taken]:
        """A mail server is not asked what it took: in the worst case a letter comes twice, under one Message-ID."""
        return ()

    def next_try(self, row: Row) -> datetime:
        return row.tried_at + timedelta(seconds=wait_before(row.tries - 1) if row.tries else 0)

    def is_over(self, tries: int, since: datetime, now: datetime) -> bool:
        return tries >= TRIES
