"""What will be heard: the call of a few people of a campaign, as text, before anyone is called (R60)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from campaigns.conversation import script_of
from campaigns.outcomes import Outcome
from campaigns.rules.hours import window_of
from campaigns.tables import campaign, recipient
from core.privacy import Vault
from prompts.catalog import Catalog
from prompts.speech import farewell, greeting

SAMPLES = 3

#: Of rows that were never going to be called.
_NEVER_CALLED = (Outcome.ROW_IN_ERROR, Outcome.INVALID_PHONE, Outcome.EXCLUDED, Outcome.DUPLICATE)


@dataclass(frozen=True)
class Said:
    """One sentence. ``after``: what the person does before it, where that matters."""

    text: str = field(repr=False)
    after: str = ""


@dataclass(frozen=True)
class Sample:
    """One person's call as it is heard when all goes well. ``voicemail``: what a machine is told, empty for nothing."""

    row: int  #: of the upload
    said: list[Said]
    voicemail: str = field(repr=False)


def sample_calls(
    tx: Connection,
    vault: Vault,
    now: datetime,
    campaign_id: int,
    catalog: Catalog,
    line_values: Mapping[str, object],
    count: int = SAMPLES,
) -> list[Sample]:
    """The calls of ``count`` people, from the first row that is called to the last.

    ``line_values``: entidad, operador, numero, as the line says them. Said as on the first day of calls that is left.
    """
    rows = tx.execute(_spread(campaign_id, count)).all()
    return [_sample(vault, now, row, catalog, line_values) for row in rows]


def _spread(campaign_id: int, count: int) -> Select[Any]:
    """The first, the last, and those at equal steps between."""
    is_called = recipient.c.outcome.is_(None) | recipient.c.outcome.not_in(_NEVER_CALLED)
    called = (recipient.c.campaign_id == campaign_id, is_called)
    parts = (
        select(recipient.c.id, func.ntile(max(count - 1, 1)).over(order_by=recipient.c.row).label("part"))
        .where(*called)
        .subquery()
    )
    firsts = select(func.min(parts.c.id)).group_by(parts.c.part)
    last = select(func.max(recipient.c.id)).where(*called)
    return (
        select(
            recipient.c.row,
            recipient.c.data_sealed,
            recipient.c.answers,
            campaign.c.request_sealed,
            campaign.c.line,
            campaign.c.country,
            campaign.c.is_sensitive,
            campaign.c.starts_at,
            campaign.c.ends_on,
            campaign.c.finished_at,
            campaign.c.hours_from,
            campaign.c.hours_to,
            campaign.c.weekdays,
        )
        .join(campaign, campaign.c.id == recipient.c.campaign_id)
        .where(recipient.c.id.in_(firsts.union(last)))
        .order_by(recipient.c.row)
        .limit(count)
    )


def _sample(vault: Vault, now: datetime, row: Row, catalog: Catalog, line_values: Mapping[str, object]) -> Sample:
    window = window_of(row)
    asked = max(row.starts_at, row.finished_at or now)
    at = window.next_open(asked) or asked
    script, local = script_of(vault, at, row), window.local(at)
    values = {**line_values, "greeting": greeting(local), "farewell": farewell(local), **script}

    def say(key: str, after: str = "", **more: object) -> Said:
        return Said(catalog.say(key, {**values, **more}, row.country).text, after)

    said = [say("campaign.greeting"), say("campaign.who")]
    if script["questions"]:
        said.append(say("campaign.security_intro", "marca 1: es la persona"))
    said += [say(f"campaign.question.{asked['code']}", pregunta=asked["text"]) for asked in script["questions"]]
    said.append(say("campaign.privacy", "acierta" if script["questions"] else "marca 1: es la persona"))
    said += [say("campaign.message"), say("campaign.after_message")]
    for number, asked in enumerate(script["collect"]):
        key = "campaign.collect" if asked["spoken_options"] else "campaign.collect_digits"
        after = "marca 1: continuar" if number == 0 else "responde"
        said.append(say(key, after, pregunta=asked["text"], opciones=asked["spoken_options"]))
    said.append(say("campaign.closing", "responde" if script["collect"] else "marca 1: continuar"))
    voicemail = say("campaign.voicemail").text if script["mensaje_buzon"] else ""
    return Sample(row.row, said, voicemail)
