"""What a campaign gives the conversation to say, and what it keeps of it. ``ivr`` and ``dialer`` meet here.

The script is plain values: it is remembered in the call's own sealed row, so that a turn reads nothing else.
"""

import json
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection, Row, select, update

from campaigns.rules.exclusions import Kind, Scope, add_by_key
from campaigns.rules.hours import COUNTRIES
from campaigns.states import Progress
from campaigns.tables import attempt, campaign, recipient
from campaigns.upload.questions import Question
from campaigns.upload.request import Collected, Request
from campaigns.upload.texts import fill
from campaigns.verification import answer_print
from core.privacy import Vault
from prompts.speech import MONTHS, phone_figures, spoken_options
from prompts.speech import phone as spoken_phone


def script_for(tx: Connection, vault: Vault, now: datetime, attempt_id: int) -> dict | None:
    """All that the conversation of an attempt needs, or None where there is no such attempt.

    Keys: line, presentacion, devolucion (E.164), primer_nombre, questions [{code, text, digits}], can_be_verified
    (False when the answers are gone: then nothing may be told), right (how many must be), mensaje, mensaje_buzon,
    cierre, aviso_privacidad, collect [{text, spoken_options, options, digits}].
    """
    row = _row_of(tx, attempt_id)
    return script_of(vault, now, row) if row is not None else None


def script_of(vault: Vault, now: datetime, row: Row, *, is_read: bool = False) -> dict:
    """The same, of a row that joins a recipient (data_sealed, answers) with its campaign (request_sealed, line,
    country, is_sensitive): a call that nobody has planned can be looked at too. ``is_read``: a person reads it out, and
    telephones are figures."""
    kept = json.loads(vault.open(row.request_sealed))
    request = Request.from_json(kept["request"])
    contact = json.loads(vault.open(row.data_sealed))["contact"]
    asks = request.requiere_preguntas_seguridad
    introduced = request.presentacion or ("una institución pública" if row.is_sensitive else request.entidad)
    callback = (phone_figures if is_read else spoken_phone)(request.numero_devolucion_llamada, row.country)
    month = MONTHS[now.astimezone(COUNTRIES[row.country].zone).month - 1]
    neutral = {"entidad": introduced, "mes": month, "numero_devolucion_llamada": callback}
    verified = {**neutral, **contact["values"], "entidad": request.entidad}
    return {
        "line": row.line,
        "presentacion": introduced,
        "devolucion": request.numero_devolucion_llamada,
        "primer_nombre": contact["values"]["primer_nombre"],
        "questions": [_question(each) for each in request.preguntas] if asks else [],
        "can_be_verified": not asks or row.answers is not None,
        "right": request.aciertos_minimos,
        "mensaje": fill(request.mensaje_guion, verified),
        "mensaje_buzon": fill(request.mensaje_buzon, neutral),
        "cierre": fill(request.guion_cierre or kept["closing"], neutral),
        "aviso_privacidad": fill(request.aviso_privacidad or kept["privacy"], verified),
        "collect": [_collected(each, verified) for each in request.recolectar],
    }


def _question(question: Question) -> dict:
    code = question.code.value if question.code else "free"
    return {"code": code, "text": question.sentence or "", "digits": question.most_digits}


def _collected(asked: Collected, values: dict[str, str]) -> dict:
    return {
        "text": fill(asked.sentence, values),
        "spoken_options": spoken_options(dict(asked.options)) if asked.options else "",
        "options": [key for key, _ in asked.options],
        "digits": asked.digits or max(len(key) for key, _ in asked.options),
    }


def is_right(tx: Connection, vault: Vault, attempt_id: int, number: int, given: str) -> bool:
    """Whether the answer to security question ``number`` (0 is the first) is the registered one."""
    row = tx.execute(
        select(recipient.c.answers, recipient.c.campaign_id, recipient.c.row)
        .join(attempt, attempt.c.recipient_id == recipient.c.id)
        .where(attempt.c.id == attempt_id)
    ).first()
    if row is None or row.answers is None or number >= len(row.answers):
        return False
    expected = row.answers[number]
    given_print = answer_print(vault, row.campaign_id, row.row, number, given)
    return expected is not None and compare_digest(given_print, bytes(expected))


def mark(tx: Connection, attempt_id: int, progress: Progress) -> None:
    """Writes down how far the conversation came: the last thing that is certain."""
    tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(progress=progress))


def keep_collected(tx: Connection, vault: Vault, attempt_id: int, answers: dict[str, str]) -> None:
    """Keeps what was collected, by number of question: {"1": "2"}."""
    person = select(attempt.c.recipient_id).where(attempt.c.id == attempt_id).scalar_subquery()
    sealed = vault.seal(json.dumps(answers))
    tx.execute(update(recipient).where(recipient.c.id == person).values(collected_sealed=sealed))


def exclude_person(tx: Connection, now: datetime, attempt_id: int) -> None:
    """Key 8 after verification: this person, for this campaign (formato-v1, outcomes)."""
    row = _row_of(tx, attempt_id)
    if row is not None and row.person_print is not None:
        add_by_key(tx, now, Kind.PERSON, bytes(row.person_print), None, Scope(row.campaign_id))


def exclude_phone(tx: Connection, vault: Vault, now: datetime, attempt_id: int) -> None:
    """Key 8 before verification: this telephone, for this campaign; the person may be reached on another."""
    row = _row_of(tx, attempt_id)
    if row is not None:
        number = json.loads(vault.open(row.data_sealed))["contact"]["phones"][row.phone]
        fingerprint = vault.fingerprint("phone", number)
        add_by_key(tx, now, Kind.PHONE, fingerprint, vault.seal(number), Scope(row.campaign_id))


def _row_of(tx: Connection, attempt_id: int) -> Row | None:
    return tx.execute(
        select(
            attempt.c.phone,
            attempt.c.campaign_id,
            recipient.c.row,
            recipient.c.data_sealed,
            recipient.c.person_print,
            recipient.c.answers,
            campaign.c.request_sealed,
            campaign.c.line,
            campaign.c.country,
            campaign.c.is_sensitive,
        )
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(attempt.c.id == attempt_id)
    ).first()
