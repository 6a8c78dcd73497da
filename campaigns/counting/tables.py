"""Counts that the database itself keeps as people and calls change (docs/decisions/0021).

A change adds a line and locks nothing that another change needs; whoever reads adds the lines up (tally.py).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from campaigns.states import Channel
from campaigns.tables import attempt, recipient
from core.database import Moment, metadata
from core.triggers import comes_with

#: People of a campaign by their outcome: a line is some more of them (or, negative, fewer).
people_tally = Table(
    "people_tally",
    metadata,
    Column("campaign_id", BigInteger, nullable=False),
    Column("outcome", Text),
    Column("is_final", Boolean, nullable=False),
    Column("was_called", Boolean, nullable=False),
    Column("people", Integer, nullable=False),
    Index("ix_people_tally", "campaign_id"),
)

#: Calls that are over, by the minute in which they began; ``answered``: by a person. ``texts`` are counted apart.
call_tally = Table(
    "call_tally",
    metadata,
    Column("campaign_id", BigInteger, nullable=False),
    Column("minute", Moment, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("texts", Integer, nullable=False, server_default="0"),
    Index("ix_call_tally", "campaign_id", "minute"),
)

#: Campaigns of which everybody was counted once: from then on the lines above are the whole truth.
counted = Table(
    "counted",
    metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("recipients", Integer, nullable=False),  # as many as the campaign had then
    Column("errors", Integer, nullable=False),  # observations: they do not change after the import
    Column("notices", Integer, nullable=False),
)

#: Whether a person answered, by the outcome of a call: campaigns.outcomes.BY_PERSON, as triggers say it.
ANSWERED = "left({0}, 8) = 'contacto' or {0} = 'no_contacto.colgo'"
#: Whether an attempt's channel is that of texts, as triggers say it.
IS_TEXT = f"coalesce({{0}} = '{Channel.TEXT}', false)"

people_tally.add_is_dependent_on(recipient)
comes_with(
    people_tally,
    """
create function count_people() returns trigger language plpgsql as $$
begin
    insert into people_tally (campaign_id, outcome, is_final, was_called, people) values
        (old.campaign_id, old.outcome, old.is_final, old.attempts > 0, -1),
        (new.campaign_id, new.outcome, new.is_final, new.attempts > 0, 1);
    return null;
end $$;
create trigger people_are_counted after update of outcome, is_final, attempts on recipient for each row
    when ((old.outcome, old.is_final, old.attempts > 0) is distinct from (new.outcome, new.is_final, new.attempts > 0))
    execute function count_people();
""",
    "drop function count_people() cascade",
)

call_tally.add_is_dependent_on(attempt)
comes_with(
    call_tally,
    f"""
create function count_calls() returns trigger language plpgsql as $$
begin
    insert into call_tally (campaign_id, minute, calls, answered, texts) values (new.campaign_id,
        date_trunc('minute', new.started_at), (not {IS_TEXT.format("new.channel")})::int,
        coalesce({ANSWERED.format("new.outcome")}, false)::int,
        {IS_TEXT.format("new.channel")}::int);
    return null;
end $$;
create trigger calls_are_counted after update of state on attempt for each row
    when (new.state = 'ended' and old.state <> 'ended' and new.remote_sid is not null and new.started_at is not null)
    execute function count_calls();
""",
    "drop function count_calls() cascade",
)
