"""Sends the letters that wait: one job a try, again and again for a day while the mail server does not take them.

A job that failed, or whose worker was killed, leaves its letter where it was: each minute those are given new ones.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from procrastinate import JobContext
from sqlalchemy import Connection, Row, select, update

from core import jobs
from core.clock import Clock
from core.database import Database, may_take_its_time
from core.jobs import app, every
from core.logs import where
from core.mail import SEND_MAIL, defer_sending, mail
from core.privacy import Vault
from core.troubles import DATABASE_ERRORS

log = logging.getLogger(__name__)

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
class Post:
    """What sending needs; the worker keeps one. ``sender``: the address that letters come from; ``institution``: the
    name beside it; ``deliver`` takes a message or raises MailServerDown, MailRefused."""

    db: Database
    vault: Vault
    clock: Clock
    sender: str
    institution: str
    deliver: Callable[[EmailMessage], None]

    def send(self, mail_id: int) -> None:
        """Sends one letter, once: whoever finds it being sent, or sent, leaves it. Raises MailServerDown: try again.

        The row stays locked while the server is spoken to: a process that is killed then leaves it as it was, and in
        the worst case a letter comes twice, under the same Message-ID.
        """
        now = self.clock.now()
        with self.db.begin() as tx:
            query = select(mail).where(mail.c.id == mail_id, mail.c.state == "queued")
            row = tx.execute(query.with_for_update(skip_locked=True)).first()
            if row is None:
                return
            may_take_its_time(tx)
            try:
                self.deliver(self._message(row))
            except MailRefused as problem:
                return _store(tx, row, now, state="failed", problem=str(problem))
            except MailServerDown as error:
                failure = error
                last = row.tries + 1 >= TRIES
                _store(tx, row, now, state="failed" if last else "queued", problem=str(error))
            else:
                return _store(tx, row, now, state="sent", problem=None, sent_at=now)
        raise failure

    def send_again(self) -> int:
        """Leaves a job for each letter that is to be tried now and has none; how many."""
        now = self.clock.now()
        with self.db.begin() as tx:
            queued = tx.execute(select(mail.c.id, mail.c.tries, mail.c.tried_at).where(mail.c.state == "queued")).all()
            at_work = {arguments["mail_id"] for arguments in jobs.arguments_waiting(tx, SEND_MAIL)}
            due = [row.id for row in queued if row.id not in at_work and _is_due(row, now)]
            for mail_id in due:
                defer_sending(tx, mail_id)
        return len(due)

    def _message(self, row: Row) -> EmailMessage:
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


def _store(tx: Connection, row: Row, now: datetime, **values: object) -> None:
    tx.execute(update(mail).where(mail.c.id == row.id).values(tries=row.tries + 1, tried_at=now, **values))


def _is_due(row: Row, now: datetime) -> bool:
    """Whether a letter (tries, tried_at) has waited long enough since its last try."""
    return not row.tries or row.tried_at + timedelta(seconds=wait_before(row.tries - 1)) <= now


@app.task(name=SEND_MAIL, pass_context=True)
def send_mail(context: JobContext, mail_id: int) -> None:
    """The job that ``core.mail.post`` leaves behind. Where the server is down the letter's row says so; where the
    database is, the letter waits in it for ``send_mail_again``."""
    try:
        _post(context).send(mail_id)
    except MailServerDown:
        pass
    except DATABASE_ERRORS as error:
        log.warning("letter %s is left to the next look: %s", mail_id, where(error))


@every("* * * * *", "messages.send_mail_again")
def send_mail_again(context: JobContext, timestamp: int) -> None:
    """Each minute."""
    if count := _post(context).send_again():
        log.info("letters that are tried again: %s", count)


def _post(context: JobContext) -> Post:
    return context.additional_context["post"]
