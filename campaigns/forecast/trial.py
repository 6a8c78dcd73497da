"""A test call: the campaign's own call, to whoever decides over it, about somebody who does not exist.

It is no attempt and nobody of the list; it is asked of the carrier at most once, and of every try to have one, refused
ones too, there are ten a day: whether a number is in a list is not for anybody to find out.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, Text, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from campaigns.conversation import script_with
from campaigns.forecast.invented import invented_values, right_answer
from campaigns.forecast.tables import own_telephone, test_call
from campaigns.rules.caller_ids import caller_id_for
from campaigns.states import TEXTS, CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload.vocabulary import Mode
from core import audit, jobs
from core.phones import CALLING_CODE, Phone, parse_phone
from core.privacy import Vault

PLACE = "ivr.test_call"  # the job
MOST_A_DAY = 10
A_DAY = timedelta(days=1)
#: The key of the script under which the conversation finds what is right here: that it is there makes it a test.
RIGHT_ANSWERS = "test_answers"
_POSSIBLE = frozenset(
    {
        *(CampaignState.UNDER_REVIEW, CampaignState.APPROVED, CampaignState.SCHEDULED),
        *(CampaignState.RUNNING, CampaignState.PAUSED),
    }
)
_AT_ONCE = 2_000
_SEPARATORS = b" -().+\xc2\xa0"


class TrialState(StrEnum):
    """How far a test call came."""

    WANTED = "wanted"
    IN_THE_LIST = "in_the_list"  # the number is somebody's of the list: it was not rung
    ASKING = "asking"  # the carrier is being asked; or it never became known what it said
    PLACED = "placed"
    REFUSED = "refused"
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """Whether more will become known of it."""
        return self in (TrialState.WANTED, TrialState.ASKING, TrialState.PLACED)


class CannotTest(Exception):
    """There can be no test call. The message is one sentence in Spanish, without the number."""


@dataclass(frozen=True)
class TrialOrder:
    """What the carrier is to be asked for."""

    id: int
    to: str = field(repr=False)  #: E.164
    caller_id: str


def want(
    tx: Connection, vault: Vault, now: datetime, row: Row, upload_row: int, account_id: int, actor: str, written: str
) -> int:
    """Leaves a test call of a campaign (its row) to the job that places it; its id. ``upload_row``: whose data are
    imitated; ``written``: the number as it was typed. Raises CannotTest."""
    if row.state not in _POSSIBLE:
        raise CannotTest("Esta campaña ya no se llama, o todavía no se puede: no hay nada que probar.")
    if row.mode == TEXTS:
        raise CannotTest("Esta campaña no llama a nadie: solo envía mensajes de texto.")
    if row.mode != Mode.AUTOMATICA:
        raise CannotTest("A esta campaña la llaman operadores: no hay una llamada automática que probar.")
    phone = parse_phone(written.strip(), row.country)
    if not isinstance(phone, Phone):
        raise CannotTest(f"Ese número no se puede llamar: {phone.reason}.")
    if phone.e164 in {row.caller_id, *(row.caller_ids or ())}:
        raise CannotTest("Ese número es el de la propia línea.")
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"test_call {account_id}"))))
    mine = (test_call.c.account_id == account_id, test_call.c.wanted_at > now - A_DAY)
    if tx.execute(select(func.count()).where(*mine)).scalar_one() >= MOST_A_DAY:
        raise CannotTest(f"Ya pidió {MOST_A_DAY} llamadas de prueba en 24 horas: mañana podrá pedir más.")
    values = {
        "campaign_id": row.id,
        "row": upload_row,
        "account_id": account_id,
        "state": TrialState.WANTED,
        "to_sealed": vault.seal(phone.e164),
        "wanted_at": now,
    }
    test_id = tx.execute(insert(test_call).values(**values).returning(test_call.c.id)).scalar_one()
    audit.record(tx, now, actor, "campaign.test_call", "campaign", row.id, test=test_id)
    jobs.defer(tx, PLACE, test_id=test_id)
    return test_id


def is_in_the_list(tx: Connection, vault: Vault, test_id: int) -> bool:
    """Whether the number is written anywhere in the campaign's list: in a row that is never called too. Every row is
    opened for it, some 200,000 a second."""
    row = tx.execute(
        select(test_call.c.campaign_id, test_call.c.to_sealed, campaign.c.country)
        .join(campaign, campaign.c.id == test_call.c.campaign_id)
        .where(test_call.c.id == test_id, test_call.c.to_sealed.is_not(None))
    ).first()
    if row is None:
        return False
    code = CALLING_CODE[row.country]
    national = vault.open(row.to_sealed).removeprefix(f"+{code}")
    written = [f'"{number}"'.encode() for number in (national, code + national)]
    query = select(recipient.c.data_sealed).where(recipient.c.campaign_id == row.campaign_id)
    with tx.execute(query, execution_options={"yield_per": _AT_ONCE}) as people:
        for sealed in people.scalars():
            data = vault.open_bytes(sealed).translate(None, _SEPARATORS)  # what people put between figures
            if any(each in data for each in written):
                return True
    return False


def refuse_listed(tx: Connection, now: datetime, test_id: int) -> None:
    """The number is somebody's of the list: nobody is rung, and the number is forgotten."""
    mine = (test_call.c.id == test_id, test_call.c.state == TrialState.WANTED)
    over = {"state": TrialState.IN_THE_LIST, "to_sealed": None, "ended_at": now}
    row = tx.execute(update(test_call).where(*mine).values(**over).returning(test_call.c.campaign_id)).first()
    if row is not None:
        audit.record(tx, now, "system", "campaign.test_call_refused", "campaign", row.campaign_id, test=test_id)


def take(tx: Connection, vault: Vault, test_id: int) -> TrialOrder | None:
    """Writes down that the carrier is about to be asked, and forgets the number: whatever comes of asking, nobody asks
    again. None where it was asked before, or there is nothing to ask."""
    mine = (test_call.c.id == test_id, test_call.c.state == TrialState.WANTED)
    row = tx.execute(select(test_call).where(*mine).with_for_update()).first()
    if row is None:
        return None
    asking = {"state": TrialState.ASKING, "to_sealed": None}
    tx.execute(update(test_call).where(test_call.c.id == test_id).values(**asking))
    columns = (campaign.c.caller_id, campaign.c.caller_ids)
    of = tx.execute(select(*columns).where(campaign.c.id == row.campaign_id)).one()
    caller_id = caller_id_for(of.caller_ids or (of.caller_id,), b"account %d" % row.account_id)
    return TrialOrder(test_id, vault.open(row.to_sealed), caller_id)


def placed(tx: Connection, test_id: int, sid: str) -> None:
    """The carrier has it."""
    prove(tx, test_id, sid)


def refused(tx: Connection, now: datetime, test_id: int, code: int | None) -> None:
    """The carrier does not place it (its code), or could not be asked (None)."""
    mine = (test_call.c.id == test_id, test_call.c.state == TrialState.ASKING)
    over = {"state": TrialState.REFUSED, "refused_code": code, "ended_at": now}
    tx.execute(update(test_call).where(*mine).values(**over))


def prove(tx: Connection, test_id: int, sid: str) -> bool:
    """A webhook, or the carrier's answer, shows that this call is the test's. False if it is not ours to believe."""
    ours = test_call.c.remote_sid.is_(None) | (test_call.c.remote_sid == sid)
    query = select(test_call.c.state).where(test_call.c.id == test_id, ours).with_for_update()
    state = tx.execute(query).scalar()
    if state is None or state in (TrialState.WANTED, TrialState.IN_THE_LIST):
        return False
    values = {"remote_sid": sid} | ({"state": TrialState.PLACED} if state != TrialState.ENDED else {})
    tx.execute(update(test_call).where(test_call.c.id == test_id).values(**values))
    return True


def tests_among(tx: Connection, sids: list[str]) -> set[str]:
    """Of these calls of the carrier's, those that are tests."""
    query = select(test_call.c.remote_sid).where(test_call.c.remote_sid == any_(literal(sids, ARRAY(Text))))
    return set(tx.execute(query).scalars())


def script_for(tx: Connection, vault: Vault, now: datetime, test_id: int) -> dict | None:
    """What campaigns.conversation.script_for gives, about somebody invented; and RIGHT_ANSWERS, one a question."""
    row = _with_its_campaign(tx, test_id)
    if row is None:
        return None
    script = script_with(vault, now, row, imitated(tx, vault, row.campaign_id, row.row), has_answers=True)
    return script | {RIGHT_ANSWERS: [right_answer(each["code"], each["digits"]) for each in script["questions"]]}


def imitated(tx: Connection, vault: Vault, campaign_id: int, upload_row: int) -> dict[str, str]:
    """Invented values in the shape of one person's. Of a row that is not there any more, a name alone."""
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.row == upload_row)
    sealed = tx.execute(select(recipient.c.data_sealed).where(*mine)).scalar()
    contact = json.loads(vault.open(sealed))["contact"] if sealed else None
    return invented_values(contact["values"] if contact else {"primer_nombre": "x"})


def answers_of(tx: Connection, vault: Vault, now: datetime, row: Row) -> list[tuple[str, str]]:
    """(code of the question, or its sentence; what to key in) of a campaign: whoever tests it must know."""
    questions = script_with(vault, now, row, invented_values({"primer_nombre": "x"}), has_answers=True)["questions"]
    return [(each["text"] or each["code"], right_answer(each["code"], each["digits"])) for each in questions]


def end(tx: Connection, now: datetime, test_id: int, sid: str, status: str, duration_s: int | None) -> None:
    """It is over, by the carrier's final word."""
    mine = (test_call.c.id == test_id, test_call.c.remote_sid == sid, test_call.c.ended_at.is_(None))
    over = {"remote_status": status, "duration_s": duration_s, "ended_at": now}
    tx.execute(update(test_call).where(*mine).values(state=TrialState.ENDED, **over))


def last_of(tx: Connection, campaign_id: int, account_id: int) -> Row | None:
    """Somebody's newest test call of a campaign."""
    mine = (test_call.c.campaign_id == campaign_id, test_call.c.account_id == account_id)
    return tx.execute(select(test_call).where(*mine).order_by(test_call.c.id.desc()).limit(1)).first()


def kept_telephone(tx: Connection, vault: Vault, account_id: int) -> str | None:
    """E.164, where somebody wanted it kept."""
    query = select(own_telephone.c.phone_sealed).where(own_telephone.c.account_id == account_id)
    sealed = tx.execute(query).scalar()
    return vault.open(sealed) if sealed else None


def keep_telephone(tx: Connection, vault: Vault, now: datetime, account_id: int, e164: str | None) -> None:
    """Keeps it for the next time; None: forgets it."""
    tx.execute(own_telephone.delete().where(own_telephone.c.account_id == account_id))
    if e164 is not None:
        values = {"account_id": account_id, "phone_sealed": vault.seal(e164), "kept_at": now}
        tx.execute(insert(own_telephone).values(**values))


def _with_its_campaign(tx: Connection, test_id: int) -> Row | None:
    told = (campaign.c.request_sealed, campaign.c.line, campaign.c.country, campaign.c.is_sensitive)
    query = select(test_call.c.campaign_id, test_call.c.row, *told).where(test_call.c.id == test_id)
    return tx.execute(query.join(campaign, campaign.c.id == test_call.c.campaign_id)).first()
