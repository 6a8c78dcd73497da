"""What will be heard, or read: the call and the text of a few people of a campaign, before anybody gets one (R60)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, union

from campaigns.conversation import script_of
from campaigns.forecast.excused import left_out
from campaigns.forecast.text_costs import text_costs
from campaigns.forecast.unreachable import unreachable
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import begins_at, window_for
from campaigns.rules.hours import Window
from campaigns.states import Texting
from campaigns.tables import campaign, recipient
from campaigns.texting.wording import wording_of
from campaigns.upload.request import Request
from campaigns.upload.texts import CONTACT_VARIABLES, variables_of
from campaigns.upload.vocabulary import ANSWER_COLUMNS, COLUMN_BY_KEY, CONTACT_COLUMNS, REQUIRED_COLUMNS, key_of
from core.privacy import Vault
from core.segments import segments
from prompts.catalog import Catalog
from prompts.speech import farewell, greeting

#: Of rows that were never going to be called.
_NEVER_CALLED = (Outcome.ROW_IN_ERROR, Outcome.INVALID_PHONE, Outcome.EXCLUDED, Outcome.DUPLICATE)
SAMPLES = 3
_LOOKED_AT = 200  # people: the first ones, those with most written of them, and those with least
#: What a text says of a person has to be there (E02); of these, somebody may have none.
OPTIONAL = tuple(name for name in CONTACT_COLUMNS if name not in (*REQUIRED_COLUMNS, *ANSWER_COLUMNS, "no_llamar"))
WHOLE, LONGEST, ANOTHER = "Con todos sus datos", "La llamada más larga", "Otra persona"
LONGEST_TEXT = "El mensaje más largo"
FEWER = "Con menos datos"


@dataclass(frozen=True)
class Said:
    """One sentence. ``after``: what the person does before it, where that matters; ``key``: of the catalogue."""

    text: str = field(repr=False)
    after: str = ""
    key: str = ""


@dataclass(frozen=True)
class Sample:
    """One person's call as it is heard when all goes well. ``voicemail``: what a machine is told, empty for nothing;
    ``chosen``: why this person, in a few words; ``text``: what they are sent to read, empty for nothing. Of a campaign
    that only texts nothing is ``said``."""

    row: int  #: of the upload
    said: list[Said]
    voicemail: str = field(repr=False)
    chosen: str = ""
    text: str = field(default="", repr=False)

    @property
    def segments(self) -> int:
        """Of the text."""
        return segments(self.text).count


@dataclass(frozen=True)
class Chosen:
    """Whose call is shown, and why theirs, in a few words: nothing of the person."""

    recipient_id: int
    why: str


def sample_calls(
    tx: Connection,
    vault: Vault,
    now: datetime,
    campaign_id: int,
    catalog: Catalog,
    line_values: Mapping[str, object],
    chosen: Sequence[Chosen] | None = None,
) -> list[Sample]:
    """The calls of those who were ``chosen`` (None: they are chosen now), as on the first day of calls that is left.

    ``line_values``: entidad, operador, numero, as the line says them.
    """
    told = choose(tx, vault, now, campaign_id) if chosen is None else chosen
    query = _with_campaign().where(recipient.c.id.in_([each.recipient_id for each in told]))
    rows = {row.id: row for row in tx.execute(query)}
    people = [(rows[each.recipient_id], each.why) for each in told if each.recipient_id in rows]
    if not people:
        return []
    window = window_for(tx, people[0][0])
    return [_sample(vault, now, row, window, catalog, line_values, why) for row, why in people]


def choose(tx: Connection, vault: Vault, now: datetime, campaign_id: int) -> list[Chosen]:
    """Up to ``SAMPLES`` people: somebody with everything, somebody who lacks something optional, and the longest call.

    The longest is looked for among those of whom most is written: each person's data are sealed by themselves. Of a
    million people that takes seconds: everybody is looked at. Of a campaign that only texts it is the text that its
    costs tell of (forecast/text_costs.py).
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
    is_texts, longest = row.texting == Texting.ONLY, 0
    if is_texts and (costs := text_costs(tx, vault, now, row, None, left_out(row, unreachable(tx, vault, row)))):
        longest = costs.sent.row
    rows = _in_order(tx.execute(_looked_at(campaign_id, longest)).all())
    if not rows:
        return []
    used = _used(vault, rows[0])
    people = [_Candidate(each, json.loads(vault.open(each.data_sealed)), used, longest) for each in rows]
    return [Chosen(each.row.id, why) for each, why in _chosen(people, LONGEST_TEXT if is_texts else LONGEST)]


class _Candidate:
    """Somebody who may be shown: how much the texts say of them, and what of the optional columns they lack.
    ``longest``: the row of which it is known that most is said."""

    def __init__(self, row: Row, data: Mapping[str, Any], used: Sequence[str], longest: int = 0) -> None:
        self.row = row
        values, names = data["contact"]["values"], (COLUMN_BY_KEY.get(key_of(each)) for each in row.headings)
        written = dict(zip(names, data["cells"], strict=False))
        self.lacking = [name for name in OPTIONAL if name in written and not written[name].strip()]
        self.spoken = (row.row == longest, sum(len(values.get(name, "")) for name in used))


def _chosen(people: Sequence[_Candidate], most: str = LONGEST) -> list[tuple[_Candidate, str]]:
    """One of each kind, nobody twice, and never fewer than there are people for."""
    found: dict[int, tuple[_Candidate, str]] = {}

    def take(candidates: Iterable[_Candidate], why: str) -> None:
        first = next((each for each in candidates if each.row.row not in found), None)
        if first is not None:
            found[first.row.row] = (first, why or FEWER)

    longest = max(people, key=lambda each: each.spoken)
    take((each for each in people if not each.lacking and (each is not longest or len(people) == 1)), WHOLE)
    take((each for each in people if each.lacking), "")
    take([longest], most)
    while len(found) < min(SAMPLES, len(people)):
        take(reversed(people), ANOTHER)
    return list(found.values())


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.row)


def _looked_at(campaign_id: int, longest: int) -> Select[Any]:
    is_called = recipient.c.outcome.is_(None) | recipient.c.outcome.not_in(_NEVER_CALLED)
    called = (recipient.c.campaign_id == campaign_id, is_called)
    written = func.octet_length(recipient.c.data_sealed)
    some = [
        select(recipient.c.id).where(*called).order_by(order, recipient.c.row).limit(_LOOKED_AT).subquery()
        for order in (recipient.c.row, written.desc(), written)
    ]
    some += [select(recipient.c.id).where(*called, recipient.c.row == longest).subquery()]
    return _with_campaign().where(recipient.c.id.in_(union(*(select(each.c.id) for each in some))))


def _with_campaign() -> Select[Any]:
    planned = (campaign.c.starts_at, campaign.c.finished_at, campaign.c.ends_on)
    return select(
        *(recipient.c.id, recipient.c.row, recipient.c.data_sealed, recipient.c.answers),
        *(campaign.c.request_sealed, campaign.c.line, campaign.c.country, campaign.c.is_sensitive),
        *(*planned, campaign.c.headings),
        *(campaign.c.hours_from, campaign.c.hours_to, campaign.c.weekdays),
        *(campaign.c.texting, campaign.c.is_plain_text),
    ).join(campaign, campaign.c.id == recipient.c.campaign_id)


def _used(vault: Vault, row: Row) -> list[str]:
    """What of a person the texts say, as often as they do."""
    request = Request.from_json(json.loads(vault.open(row.request_sealed))["request"])
    texts = (request.aviso_privacidad, request.mensaje_guion, *(each.sentence for each in request.recolectar))
    if row.texting == Texting.ONLY:
        return [name for name in variables_of(request.texto_sms) if name in CONTACT_VARIABLES]
    said = ["primer_nombre", *(name for text in texts for name in variables_of(text))]
    return [name for name in said if name in CONTACT_VARIABLES]


def _sample(
    vault: Vault,
    now: datetime,
    row: Row,
    window: Window,
    catalog: Catalog,
    line_values: Mapping[str, object],
    chosen: str,
) -> Sample:
    at = begins_at(window, row, now)
    text = _text(vault, at, row)
    if row.texting == Texting.ONLY:
        return Sample(row.row, [], "", chosen, text)
    script, local = script_of(vault, at, row), window.local(at)
    values = {**line_values, "greeting": greeting(local), "farewell": farewell(local), **script}

    def say(key: str, after: str = "", **more: object) -> Said:
        return Said(catalog.say(key, {**values, **more}, row.country).text, after, key)

    said = [say("campaign.greeting"), say("campaign.who")]
    if script["questions"]:
        intro = "campaign.security_intro_one" if len(script["questions"]) == 1 else "campaign.security_intro"
        said.append(say(intro, "marca 1: es la persona"))
    said += [say(f"campaign.question.{asked['code']}", pregunta=asked["text"]) for asked in script["questions"]]
    said.append(say("campaign.privacy", "acierta" if script["questions"] else "marca 1: es la persona"))
    more = "campaign.after_message" if script["collect"] else "campaign.after_last_message"
    said += [say("campaign.message"), say(more)]
    for number, asked in enumerate(script["collect"]):
        key = "campaign.collect" if asked["spoken_options"] else "campaign.collect_digits"
        after = "marca 1: continuar" if number == 0 else "responde"
        said.append(say(key, after, pregunta=asked["text"], opciones=asked["spoken_options"]))
    said.append(say("campaign.closing", "responde" if script["collect"] else "marca 1: terminar"))
    voicemail = say("campaign.voicemail").text if script["mensaje_buzon"] else ""
    return Sample(row.row, said, voicemail, chosen, text)


def _text(vault: Vault, at: datetime, row: Row) -> str:
    """What somebody is sent to read; empty where the campaign sends no texts."""
    told = wording_of(vault, at, row) if row.texting is not None else None
    return told.to(json.loads(vault.open(row.data_sealed))["contact"]["values"]) if told else ""
