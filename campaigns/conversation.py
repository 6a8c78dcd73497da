"""What a campaign gives the conversation to say, and what it keeps of it. ``ivr`` and ``dialer`` meet here.

The script is plain values: it is remembered in the call's own sealed row, so that a turn reads nothing else.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest

from sqlalchemy import Connection, Row, bindparam, select, update

from campaigns import attempts
from campaigns.columns import document_of
from campaigns.rules.exclusions import Kind, Scope, add_by_key, add_wrong_number
from campaigns.states import LIVE, Progress
from campaigns.tables import attempt, campaign, recipient
from campaigns.upload.questions import Question
from campaigns.upload.request import Collected, Request
from campaigns.upload.texts import fill
from campaigns.upload.vocabulary import CampaignType, key_of
from campaigns.validation import keeping
from campaigns.verification import answer_print
from core.countries import COUNTRIES
from core.prepared import Prepared
from core.privacy import Vault
from prompts.speech import MONTHS, phone_figures, spoken_options, with_article
from prompts.speech import phone as spoken_phone

#: The notice of privacy of a request that asks for something and brings none (``aviso_privacidad``): its line's own may
#: say that the data only serve to tell something.
KEEPS_ANSWERS = "{entidad} guarda lo que usted responda, y lo usa solo para esta gestión."

#: See ``mark``. A turn writes it together with its call, in one statement (ivr/calls.py).
MARK = update(attempt).where(attempt.c.id == bindparam("marked")).values(progress=bindparam("reached"))


def script_for(
    tx: Connection, vault: Vault, now: datetime, attempt_id: int, sid: str, account: str | None = None
) -> dict | None:
    """All that the conversation of an attempt needs, which its call proves (``account``: that signed for it); None
    where it is not the attempt's. Of a call that came too late, with which nobody is reached any more, no more than
    ``line`` and ``is_too_late``.

    Keys: line, presentacion, devolucion (E.164), primer_nombre, questions [{code, text, digits}], can_be_verified
    (False when the answers are gone: then nothing may be told), right (how many must be), mensaje, mensaje_buzon,
    cierre, aviso_privacidad, collect [{number, text, spoken_options, options, digits}], redemption {redeemed, claims}:
    the keys that mean yes to the first two of collect where they verify a cobro (R46), else None; carries_to: the
    conversation that they may go on to, None for most.
    """
    row = _row_of(tx, attempt_id)
    state = attempts.proven(tx, now, attempt_id, row, sid, account) if row is not None else None
    if row is None or state is None:
        return None
    if state not in LIVE:
        return {"line": row.line, "is_too_late": True}
    return script_of(vault, now, row) | {"carries_to": row.carries_to}


def script_of(vault: Vault, now: datetime, row: Row, *, is_read: bool = False) -> dict:
    """The same, of a row that joins a recipient (data_sealed, answers) with its campaign (request_sealed, line,
    country, is_sensitive): a call that nobody has planned can be looked at too. ``is_read``: a person reads it out, and
    telephones are figures."""
    values = json.loads(vault.open(row.data_sealed))["contact"]["values"]
    return script_with(vault, now, row, values, has_answers=row.answers is not None, is_read=is_read)


def script_with(
    vault: Vault, now: datetime, row: Row, values: Mapping[str, str], *, has_answers: bool, is_read: bool = False
) -> dict:
    """The same of a campaign's row alone, for whoever has these ``values``: primer_nombre, municipio, var_1 …"""
    request, closing, privacy = _asked(vault, bytes(row.request_sealed))
    asks = request.requiere_preguntas_seguridad
    introduced = request.presentacion or ("una institución pública" if row.is_sensitive else request.entidad)
    callback = (phone_figures if is_read else spoken_phone)(request.numero_devolucion_llamada, row.country)
    month = MONTHS[now.astimezone(COUNTRIES[row.country].zone).month - 1]
    neutral = {"entidad": introduced, "mes": month, "numero_devolucion_llamada": callback}
    verified = {**neutral, **values, "entidad": request.entidad}
    return {
        "line": row.line,
        "presentacion": with_article(introduced),
        "devolucion": request.numero_devolucion_llamada,
        "primer_nombre": values["primer_nombre"],
        "questions": [_question(each) for each in request.preguntas] if asks else [],
        "can_be_verified": not asks or has_answers,
        "right": request.aciertos_minimos,
        "mensaje": fill(request.mensaje_guion, verified),
        "mensaje_buzon": fill(request.mensaje_buzon, neutral),
        "cierre": fill(request.guion_cierre or closing, neutral),
        "aviso_privacidad": fill(request.aviso_privacidad or _notice(request, privacy), verified),
        "collect": [_collected(each, verified) for each in request.recolectar],
        "redemption": _redemption(request),
    }


@lru_cache(maxsize=64)
def _asked(vault: Vault, request_sealed: bytes) -> tuple[Request, str, str]:
    """A campaign's request, its line's closing and its notice of privacy. All its calls ask for the same, and what is
    kept goes by what was read: a request that changes is another one."""
    kept = json.loads(vault.open(request_sealed))
    return Request.from_json(kept["request"]), kept["closing"], kept["privacy"]


def _notice(request: Request, of_line: str) -> str:
    """What is said of the data where the request says nothing: ``of_line``, unless something is asked for."""
    return KEEPS_ANSWERS if request.recolectar else of_line


def _question(question: Question) -> dict:
    code = question.code.value if question.code else "free"
    return {"code": code, "text": question.sentence or "", "digits": question.most_digits}


def _collected(asked: Collected, values: dict[str, str]) -> dict:
    return {
        "number": asked.number,
        "text": fill(asked.sentence, values),
        "spoken_options": spoken_options(dict(asked.options)) if asked.options else "",
        "options": [key for key, _ in asked.options],
        "digits": asked.digits or max(len(key) for key, _ in asked.options),
    }


def _redemption(request: Request) -> dict | None:
    """Nothing where the questions are not those two: then they are asked as any others are."""
    asked = request.recolectar[:2]
    yes = [next((key for key, label in each.options if key_of(label) == "si"), None) for each in asked]
    if request.tipo_campana is not CampaignType.VERIFICACION_COBRO or len(yes) < 2 or None in yes:
        return None
    return {"redeemed": yes[0], "claims": yes[1]}


_ANSWERS = Prepared(
    select(recipient.c.answers, recipient.c.campaign_id, recipient.c.row)
    .join(attempt, attempt.c.recipient_id == recipient.c.id)
    .where(attempt.c.id == bindparam("attempt"))
)


def is_right(tx: Connection, vault: Vault, attempt_id: int, number: int, given: str) -> bool:
    """Whether the answer to security question ``number`` (0 is the first) is the registered one."""
    row = _ANSWERS.first(tx, {"attempt": attempt_id})
    if row is None or row.answers is None or number >= len(row.answers):
        return False
    expected = row.answers[number]
    given_print = answer_print(vault, row.campaign_id, row.row, number, given)
    return expected is not None and compare_digest(given_print, bytes(expected))


def mark(tx: Connection, attempt_id: int, progress: Progress) -> None:
    """Writes down how far the conversation came: the last thing that is certain."""
    tx.execute(MARK, marked(attempt_id, progress))


def marked(attempt_id: int | None, progress: Progress) -> dict[str, object]:
    """The parameters of ``MARK``."""
    return {"marked": attempt_id, "reached": progress}


#: First of all, though nothing is written there: whoever is told the call's end goes from the attempt to the person.
_ITS_ATTEMPT = (
    select(attempt.c.recipient_id)
    .where(attempt.c.id == bindparam("attempt"))
    .with_for_update(key_share=True)
    .cte("its_attempt")
)
_COLLECTED = (
    update(recipient)
    .where(recipient.c.id == _ITS_ATTEMPT.c.recipient_id, recipient.c.campaign_id == campaign.c.id)
    .values(collected_sealed=bindparam("sealed"))
    .returning(recipient.c.id, recipient.c.campaign_id, campaign.c.must_validate)
)


def keep_collected(tx: Connection, vault: Vault, attempt_id: int, answers: dict[str, str]) -> None:
    """Keeps what was collected, by number of its recolectar_N: {"1": "2"}; it may wait to be validated."""
    person = tx.execute(_COLLECTED, {"attempt": attempt_id, "sealed": vault.seal(json.dumps(answers))}).first()
    if person is not None:
        keeping.keep(tx, vault, person, answers)


_WHOSE = (
    select(attempt.c.campaign_id, recipient.c.data_sealed, recipient.c.person_print, campaign.c.headings)
    .join(recipient, recipient.c.id == attempt.c.recipient_id)
    .join(campaign, campaign.c.id == attempt.c.campaign_id)
    .where(attempt.c.id == bindparam("attempt"))
)


def exclude_person(tx: Connection, vault: Vault, now: datetime, attempt_id: int) -> None:
    """Key 8 after verification: this person, for this campaign (formato-v1, outcomes).

    The document is kept sealed: a list that is taken elsewhere has to say who does not want to be called.
    """
    row = tx.execute(_WHOSE, {"attempt": attempt_id}).first()
    if row is None or row.person_print is None:
        return
    document = document_of(vault, row)
    sealed = vault.seal(document) if document is not None else None
    add_by_key(tx, now, Kind.PERSON, bytes(row.person_print), sealed, Scope(row.campaign_id))


def exclude_phone(tx: Connection, vault: Vault, now: datetime, attempt_id: int) -> None:
    """Key 8 before verification: this telephone, for this campaign; the person may be reached on another. It is a wrong
    number too (formato-v1 §7): no campaign looks for that person there."""
    row = _row_of(tx, attempt_id)
    if row is not None:
        number = _number_of(vault, row)
        fingerprint = vault.fingerprint("phone", number)
        add_by_key(tx, now, Kind.PHONE, fingerprint, vault.seal(number), Scope(row.campaign_id))
        _is_not_theirs(tx, vault, now, row, "ivr", "tecla 8, antes de verificarse")


def note_wrong_number(tx: Connection, vault: Vault, now: datetime, attempt_id: int, actor: str = "ivr") -> None:
    """Key 3, or told to an operator: this telephone is not this person's, whatever campaign brings it again."""
    row = _row_of(tx, attempt_id)
    if row is not None:
        _is_not_theirs(tx, vault, now, row, actor, "tecla 3" if actor == "ivr" else "lo dijeron a un operador")


def _is_not_theirs(tx: Connection, vault: Vault, now: datetime, row: Row, actor: str, cause: str) -> None:
    if row.person_print is not None:
        number = _number_of(vault, row)
        to_print, person = vault.fingerprint("phone", number), bytes(row.person_print)
        add_wrong_number(tx, now, actor, to_print, person, vault.seal(number), cause)


def _number_of(vault: Vault, row: Row) -> str:
    """The telephone that was dialled, E.164."""
    return str(attempts.phones_of(vault, row.data_sealed)[row.phone])


_ROW = Prepared(
    select(
        attempt.c.phone,
        attempt.c.state,
        attempt.c.remote_sid,
        attempt.c.carrier_account,
        attempt.c.campaign_id,
        recipient.c.row,
        recipient.c.data_sealed,
        recipient.c.person_print,
        recipient.c.answers,
        campaign.c.request_sealed,
        campaign.c.line,
        campaign.c.country,
        campaign.c.is_sensitive,
        campaign.c.carries_to,
    )
    .join(recipient, recipient.c.id == attempt.c.recipient_id)
    .join(campaign, campaign.c.id == attempt.c.campaign_id)
    .where(attempt.c.id == bindparam("attempt"))
)


def _row_of(tx: Connection, attempt_id: int) -> Row | None:
    return _ROW.first(tx, {"attempt": attempt_id})
