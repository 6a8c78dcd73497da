"""Gathers what the rules need of calls that are due, and asks them: a few statements for a hundred people.

Whoever is asked for at once by two (two trunks, the dialer and an operator) is decided by one after the other
(campaigns/rules/locking.py), so that each sees the other's call.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    and_,
    any_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.outcomes import Outcome
from campaigns.rules import locking
from campaigns.rules.calendar import of_person, window_for
from campaigns.rules.candidates import Candidate
from campaigns.rules.deciding import Decision, Dial, Facts, decide
from campaigns.rules.exclusions import Kind, wrong_number_print
from campaigns.rules.hours import Window
from campaigns.rules.limits import LOOKED_BACK, Call
from campaigns.rules.outreach import outreach
from campaigns.rules.policy import policy_of
from campaigns.states import LIVE, AttemptState, Channel
from campaigns.tables import attempt, campaign, exclusion, recipient
from core.privacy import Vault

#: What the rules need of a campaign's row.
CAMPAIGN_COLUMNS = (
    *(campaign.c.id, campaign.c.country, campaign.c.hours_from, campaign.c.hours_to, campaign.c.weekdays),
    *(campaign.c.ends_on, campaign.c.line, campaign.c.kind, campaign.c.caller_id, campaign.c.caller_ids),
    *(campaign.c.priority, campaign.c.is_urgent, campaign.c.share, campaign.c.trunk, campaign.c.texting),
)

#: Its states are written out in the statement: the server's kept plans see that the index of live calls serves.
IS_LIVE = attempt.c.state.in_([literal_column(f"'{state}'") for state in LIVE])

#: A text takes no line of a trunk.
IS_CALL = attempt.c.channel.is_distinct_from(literal_column(f"'{Channel.TEXT}'"))

#: Where an exclusion holds: a campaign's id, a line's, a line's and a kind of campaign, or None for all.
Place: TypeAlias = int | str | tuple[str, str] | None
Calls: TypeAlias = dict[bytes, list[Call]]  #: by fingerprint
#: Which of these telephones (fingerprints) somebody of the house speaks with now, or is about to ring: the desk knows.
OnTheLine: TypeAlias = Callable[[Connection, Sequence[bytes]], Collection[bytes]]


def nobody(tx: Connection, prints: Sequence[bytes]) -> Collection[bytes]:
    """Where there is no desk, or whoever asks is at it."""
    return ()


@dataclass
class _Known:
    """What the database says of a batch."""

    prints: Mapping[int, bytes]  #: attempt → fingerprint of its telephone
    excluded: set[tuple[str, bytes, Place]]
    calls: Calls
    phone_calls: Calls
    windows: dict[tuple[int, str | None, str | None], Window]
    on_the_line: Collection[bytes]


def decisions(
    tx: Connection,
    vault: Vault,
    now: datetime,
    campaigns: Mapping[int, Row],
    batch: Sequence[Candidate],
    *,
    closed: Mapping[str, frozenset[date]] | None = None,
    on_the_line: OnTheLine = nobody,
) -> Iterator[tuple[Candidate, bytes, Decision]]:
    """(candidate, fingerprint of the telephone, decision), one after the other: each sees what was said before it.

    ``campaigns``: by id, rows with ``CAMPAIGN_COLUMNS``. ``closed``: the days of every country, where this transaction
    has read them already. Locks people and telephones until the transaction ends; whose somebody else has locked are
    passed over: of them nothing is said, and they are as due as before.
    """
    prints = {each.id: vault.fingerprint("phone", each.to) for each in batch}
    mine = locking.taken(tx, {*prints.values(), *(each.person for each in batch)})
    batch = [each for each in batch if each.person in mine and prints[each.id] in mine]
    if not batch:
        return
    known = _known(tx, now, campaigns, batch, prints, closed, on_the_line)
    for each in batch:
        decision = decide(_facts(known, now, campaigns[each.campaign_id], each))
        if isinstance(decision, Dial):
            known.calls[each.person].append(Call(now))
            known.phone_calls[prints[each.id]].append(Call(now))
        yield each, prints[each.id], decision


def decision_of(
    tx: Connection, vault: Vault, now: datetime, chosen: Candidate, on_the_line: OnTheLine = nobody
) -> tuple[bytes, Decision]:
    """(fingerprint of the telephone, decision) of the one whom somebody has chosen. Whoever else decides of them is
    waited for: only in a transaction that decides of nobody else (campaigns/rules/locking.py)."""
    to_print = vault.fingerprint("phone", chosen.to)
    locking.wait_for(tx, {to_print, chosen.person})
    return to_print, decide(facts_of(tx, vault, now, chosen, on_the_line))


def facts_of(
    tx: Connection, vault: Vault, now: datetime, candidate: Candidate, on_the_line: OnTheLine = nobody
) -> Facts:
    """The facts of one, read without any lock: for whoever only asks why."""
    row = tx.execute(select(*CAMPAIGN_COLUMNS).where(campaign.c.id == candidate.campaign_id)).one()
    prints = {candidate.id: vault.fingerprint("phone", candidate.to)}
    known = _known(tx, now, {row.id: row}, [candidate], prints, on_the_line=on_the_line)
    return _facts(known, now, row, candidate)


def _facts(known: _Known, now: datetime, row: Row, each: Candidate) -> Facts:
    to = known.prints[each.id]
    place = (each.campaign_id, each.zone, each.preferred)
    if place not in known.windows:
        known.windows[place] = of_person(known.windows[each.campaign_id, None, None], each.zone, each.preferred)
    scopes = (each.campaign_id, row.line, (row.line, row.kind), None)
    return Facts(
        now=now,
        window=known.windows[place],
        limits=policy_of(row.country).limits,
        phone=each.phone,
        phones=each.phones,
        spent=each.spent,
        caller_ids=row.caller_ids or (row.caller_id,),
        person=each.person,
        person_excluded=any(("person", each.person, scope) in known.excluded for scope in scopes),
        phone_excluded=any(("phone", to, scope) in known.excluded for scope in scopes),
        is_wrong_number=(Kind.WRONG_NUMBER, wrong_number_print(to, each.person), None) in known.excluded,
        outcome=Outcome(each.outcome) if each.outcome else None,
        calls=known.calls[each.person],
        phone_calls=known.phone_calls[to],
        was_asked_for=each.outcome == Outcome.CALL_LATER,
        is_on_the_line=to in known.on_the_line,
    )


def _known(
    tx: Connection,
    now: datetime,
    campaigns: Mapping[int, Row],
    batch: Sequence[Candidate],
    prints: Mapping[int, bytes],
    closed: Mapping[str, frozenset[date]] | None = None,
    on_the_line: OnTheLine = nobody,
) -> _Known:
    people = sorted({each.person for each in batch if each.person_print is not None})
    phones = sorted({prints[each.id] for each in batch})
    rows = [campaigns[each] for each in {each.campaign_id for each in batch}]
    windows: dict[tuple[int, str | None, str | None], Window] = {
        (row.id, None, None): window_for(tx, row, closed=closed) for row in rows
    }
    calls, phone_calls = calls_to(tx, people, phones, now - LOOKED_BACK)
    pairs = sorted({wrong_number_print(prints[each.id], each.person) for each in batch})
    excluded = _excluded(tx, [*people, *phones, *pairs])
    return _Known(prints, excluded, calls, phone_calls, windows, on_the_line(tx, phones))


def _one_of(column: ColumnElement, name: str) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(LargeBinary)))


_SAID = (exclusion.c.campaign_id, exclusion.c.line, exclusion.c.campaign_kind)
_EXCLUDED = select(exclusion.c.kind, exclusion.c.print, *_SAID).where(
    _one_of(exclusion.c.print, "prints"), exclusion.c.removed_at.is_(None)
)


def _excluded(tx: Connection, prints: Sequence[bytes]) -> set[tuple[str, bytes, Place]]:
    """(kind, fingerprint, place) of those that stand."""
    rows = tx.execute(_EXCLUDED, {"prints": list(prints)})
    return {(row.kind, bytes(row.print), row.campaign_id or _of_line(row)) for row in rows}


def _of_line(row: Row) -> Place:
    return (row.line, row.campaign_kind) if row.line and row.campaign_kind else row.line


#: The carrier has it, had it, or may have it: whatever is unknown counts.
_WAS_A_CALL = or_(
    IS_LIVE,
    attempt.c.remote_sid.is_not(None),  # one that came too late too: a telephone rang
    and_(attempt.c.state == AttemptState.ENDED, attempt.c.outcome == Outcome.TECHNICAL),
)
#: Found first, whatever the server thinks of how many calls there were: a plan that it keeps from the first minute of a
#: campaign, when nobody had been called, would look at every call and then ask whose it was.
_PEOPLE = (
    select(recipient.c.id, recipient.c.person_print)
    .where(_one_of(recipient.c.person_print, "people"))
    .cte("people")
    .prefix_with("materialized")
)
#: No index has it, so that they are looked for by whose they are. While nobody was called, as far as the server has
#: counted, it takes the calls since then for a handful, and would look at each of them for every person who is to be
#: called; and of ten million people it counts anew after a million calls.
_SINCE = func.coalesce(attempt.c.started_at, literal_column("'-infinity'::timestamptz")) > bindparam("since")
_TO_PEOPLE = (
    select(false().label("is_the_phones"), _PEOPLE.c.person_print, attempt.c.started_at, attempt.c.outcome)
    .join(attempt, attempt.c.recipient_id == _PEOPLE.c.id)
    .where(_SINCE, _WAS_A_CALL)
)
_TO_PHONES = select(true(), attempt.c.to_print, attempt.c.started_at, attempt.c.outcome).where(
    _one_of(attempt.c.to_print, "phones"), _SINCE, _WAS_A_CALL
)
#: What was written outside of campaigns, of our own accord.
_BEGUN: tuple[ColumnElement, ...] = (outreach.c.at, literal_column(f"'{Outcome.TEXT_UNCONFIRMED}'"))
_WRITTEN = (
    select(false(), outreach.c.person_print, *_BEGUN).where(
        _one_of(outreach.c.person_print, "people"), outreach.c.at > bindparam("since")
    ),
    select(true(), outreach.c.to_print, *_BEGUN).where(
        _one_of(outreach.c.to_print, "phones"), outreach.c.at > bindparam("since")
    ),
)
_CALLS = union_all(_TO_PEOPLE, _TO_PHONES, *_WRITTEN)


def calls_to(tx: Connection, people: Sequence[bytes], phones: Sequence[bytes], since: datetime) -> tuple[Calls, Calls]:
    """Those of all campaigns to these people, and those to these telephones, whoever they belong to; and what was
    written to them of our own accord."""
    found: tuple[Calls, Calls] = (defaultdict(list), defaultdict(list))
    values = {"people": list(people), "phones": list(phones), "since": since}
    for is_the_phones, print_, at, outcome in tx.execute(_CALLS, values):
        found[is_the_phones][bytes(print_)].append(Call(at, Outcome(outcome) if outcome else None))
    return found
