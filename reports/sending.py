"""The letter that tells of a report: a link that asks to sign in, never a file, never a name (R49)."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from campaigns.intake.reception import addressees, number_of
from campaigns.readers import is_reserved
from core import post
from core.mail_address import EMAIL_PRINT
from core.privacy import Vault
from reports import words
from reports.kinds import FINAL, LABELS
from reports.tables import report

KIND = "report"  #: of its letters, on the page Correos


def address_of(vault: Vault, row: Row) -> str:
    """Where a campaign's reports go: correo_reporte, or else who asked, or else who uploaded it."""
    fields: dict[str, Any] = json.loads(vault.open(row.request_sealed)).get("fields") or {}
    written = str(fields.get("correo_reporte") or "").strip()
    return written or next(iter(addressees(vault, row)), "")


def send(
    tx: Connection, vault: Vault, now: datetime, row: Row, made: Row, to: str, *, public_url: str, institution: str
) -> int:
    """Leaves the letter about the report ``made`` of the campaign ``row``; its id. To the same address only once."""
    print_ = vault.fingerprint(EMAIL_PRINT, to.strip().lower())
    name = "" if row.is_sensitive or row.mode == "OPERADOR" or is_reserved(row) else " ".join(row.name.split())
    called = f"{number_of(row)} «{name}»" if name else number_of(row)
    body = "\n\n".join(
        (
            "Buen día:",
            f"Está listo el {LABELS[made.kind]} de la campaña {called}, con datos hasta el {words.day(made.until)}.",
            f"Entre con su cuenta para verlo o descargarlo, en Excel y en PDF:\n{public_url}/campanas/{row.id}/informe",
            "Por seguridad, a este correo no se adjunta ningún archivo ni se escribe ningún dato de las personas.",
            institution,
        )
    )
    subject = f"{number_of(row)}: {LABELS[made.kind]}"
    once = f"{KIND}:{made.id}:{print_.hex()[:16]}"
    letter = post.Letter(KIND, to, subject, body + "\n", line=None, campaign_id=row.id, once=once)
    mail_id = post.leave(tx, vault, now, letter)
    tx.execute(update(report).where(report.c.id == made.id).values(mail_id=mail_id, to_print=print_))
    return mail_id


def send_again(
    tx: Connection, vault: Vault, now: datetime, row: Row, made: Row, to: str, *, public_url: str, institution: str
) -> int:
    """The same to another address, or once more to one to which it did not get; the letter's id."""
    mail_id = send(tx, vault, now, row, made, to, public_url=public_url, institution=institution)
    post.send_again(tx, now, mail_id)
    return mail_id


def final_of(tx: Connection, campaign_id: int) -> Row | None:
    """The final report, with its letter's ``mail_state``, ``mail_problem`` and ``mail_sent_at``."""
    columns = (post.post.c.state, post.post.c.problem, post.post.c.sent_at)
    query = (
        select(report, *(column.label(f"mail_{column.name}") for column in columns))
        .outerjoin(post.post, post.post.c.id == report.c.mail_id)
        .where(report.c.campaign_id == campaign_id, report.c.kind == FINAL)
    )
    return tx.execute(query.order_by(report.c.until.desc(), report.c.id.desc()).limit(1)).first()


def why_open(final: Row | None) -> str:
    """Why a campaign that is finished is not closed yet. ``final``: of ``final_of``."""
    if final is None:
        return "Falta el informe final: se está haciendo. La campaña se cierra cuando se haya enviado."
    if final.mail_state in (post.REFUSED, post.FAILED):
        return (
            f"El informe final está hecho y no se pudo enviar: {final.mail_problem} Hasta entonces no se cierra:"
            " envíelo otra vez, o a otra dirección."
        )
    if final.mail_problem:
        return (
            f"El informe final está hecho y no ha salido todavía: {final.mail_problem} Se sigue intentando; la campaña"
            " se cierra cuando salga."
        )
    return "El informe final está hecho y se está enviando. La campaña se cierra cuando salga."


def why_not_closed(tx: Connection, campaign_id: int) -> str:
    """The same of a campaign by its number."""
    return why_open(final_of(tx, campaign_id))
