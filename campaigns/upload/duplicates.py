"""E08 of a whole upload, found by the database once every row is stored: who is named twice, and who is called already.

Rows are compared by keyed hashes of 8 bytes (Python's own: SipHash, with a seed of each import) in temporary tables:
in a list of a million people, two who are not alike would be taken for alike once in 30 million lists.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.outcomes import Outcome
from campaigns.readers import is_open
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from campaigns.upload import packing
from campaigns.upload.observations import Level, Observation
from campaigns.upload.pieces import OBSERVATIONS, Task, packed_observation, sealed
from campaigns.upload.row_rules import Columns
from campaigns.upload.rows import RowReader
from campaigns.upload.seen import Found
from core.privacy import Vault

#: Campaigns that may call somebody today or later.
_LIVE = (CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
_AT_ONCE = 2_000  # rows
_ANALYZED = 10_000  # rows from which PostgreSQL must know how many there are to plan well
_WORK_MEM = "64MB"
_CALLED_ALREADY = ("La persona ya está en otra campaña vigente.", "revise si debe llamarse dos veces")
_STREAMED = {"stream_results": True, "max_row_buffer": _AT_ONCE}

_TABLE = """
create temporary table import_key (row int4, id int8, person int8, phone_0 int8, phone_1 int8, phone_2 int8)
on commit preserve rows
"""
_COPY = "copy import_key from stdin with (format binary)"
_NONE = "0"  # of a row that names nobody so

_SUSPECT = "create temporary table suspect (key int8) on commit drop"
_COPY_SUSPECTS = "copy suspect from stdin with (format binary)"
# Nobody else can be named twice (suspects.py), so no others are compared.
_SUSPECTED = """
create temporary table suspected on commit drop as
select * from import_key k where k.id in (select key from suspect) or k.person in (select key from suspect)
  or k.phone_0 in (select key from suspect) or k.phone_1 in (select key from suspect)
  or k.phone_2 in (select key from suspect)
"""
# A row is told of the first one of its kind; telephones count only of who is not a repetition already (§5, E08).
_REPEATED_PEOPLE = f"""
create temporary table repeated_person on commit drop as
select k.row, first.row as before from suspected k join (
    select person, min(row) as row from suspected where person <> {_NONE} group by person having count(*) > 1
) first on first.person = k.person and k.row > first.row
"""
_PHONES = f"""
create temporary table import_phone on commit drop as
select k.row, given.place, given.phone from suspected k
cross join lateral (values (0, k.phone_0), (1, k.phone_1), (2, k.phone_2)) as given (place, phone)
where given.phone <> {_NONE} and k.person <> {_NONE}
  and not exists (select from repeated_person r where r.row = k.row)
"""
_REPEATED = f"""
select row, 'person' as what, 0 as place, before from repeated_person
union all
select k.row, 'id', 0, first.row from suspected k join (
    select id, min(row) as row from suspected where id <> {_NONE} group by id having count(*) > 1
) first on first.id = k.id and k.row > first.row
union all
select p.row, 'phone', p.place, first.row from import_phone p join (
    select phone, min(row) as row from import_phone group by phone having count(*) > 1
) first on first.phone = p.phone and p.row > first.row
order by 1
"""


@dataclass
class Repetitions:
    """What comparing the rows added to what was known of each."""

    rows_in_error: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {level.value: 0 for level in Level})

    def add(self, observations: list[Observation]) -> None:
        for each in observations:
            self.counts[each.level.value] += 1


def begin(tx: Connection) -> None:
    """Makes the table of keys, for this connection alone; it is gone with it."""
    tx.execute(text(_TABLE))


def add_keys(tx: Connection, keys: list[bytes]) -> None:
    """Takes in the keys of rows that are stored (``pieces.Packed.keys``)."""
    if keys:
        _copy(tx, _COPY, packing.whole(keys))


def note_all(tx: Connection, vault: Vault, task: Task, rows: int, suspects: set[int]) -> Repetitions:
    """Stores every observation E08 of an upload of so many ``rows``; whoever is named again is not dialled.
    ``suspects``: the keys that may be there twice."""
    tx.execute(text(f"set local work_mem = '{_WORK_MEM}'"))
    tx.execute(text(_SUSPECT))
    _copy(tx, _COPY_SUSPECTS, packing.whole([b"\x00\x01" + packing.int8(key) for key in suspects]))
    tx.execute(text(_SUSPECTED))
    tx.execute(text("analyze suspected"))
    tx.execute(text(_REPEATED_PEOPLE))
    tx.execute(text(_PHONES))
    found = Repetitions()
    repeated = tx.execute(text(_REPEATED), execution_options=_STREAMED)
    by_row = ((row, list(group)) for row, group in groupby(repeated, key=lambda each: each.row))
    while some := dict(islice(by_row, _AT_ONCE)):
        _note_repeated(tx, vault, task, some, found)
    _note_called_already(tx, vault, task, rows, found)
    return found


def _note_repeated(tx: Connection, vault: Vault, task: Task, some: dict[int, list[Row]], found: Repetitions) -> None:
    columns = Columns(task.headings)
    observations: list[Observation] = []
    again: list[dict[str, Any]] = []
    for person in _people(tx, task, list(some)):
        cells = json.loads(vault.open(person.data_sealed))["cells"]
        read = RowReader(columns, task.rules, _as_found(some[person.row])).read(person.row, cells)
        observations += [each for each in read.observations if each.code == "E08"]
        if read.contact is None and person.outcome != Outcome.ROW_IN_ERROR:
            again.append({"which": person.id, "sealed": sealed(vault, cells, None)})
    _store(tx, task, observations, found)
    found.rows_in_error += len(again)
    if again:
        _refuse(tx, again)


def _as_found(told: list[Row]) -> Found:
    before = {each.what: each.before for each in told}
    return Found(before.get("id"), before.get("person"), {e.place: e.before for e in told if e.what == "phone"})


def _refuse(tx: Connection, again: list[dict[str, Any]]) -> None:
    """A row that names somebody again is one in error like any other: nothing is kept by which it could be dialled."""
    tx.execute(
        update(recipient)
        .where(recipient.c.id == bindparam("which"))
        .values(data_sealed=bindparam("sealed"), outcome=Outcome.ROW_IN_ERROR, is_final=True, phones=0)
        .values(person_print=None, answers=None, zone=None, preferred=None),
        again,
    )


def _note_called_already(tx: Connection, vault: Vault, task: Task, rows: int, found: Repetitions) -> None:
    """An aviso for each person whom another campaign calls too; of a reserved one nothing is told (R43).

    Which one it is concerns whoever decides, and not the area that reads this (forecast/overlap.py).
    """
    live = select(campaign.c.id).where(campaign.c.state.in_(_LIVE), is_open(), campaign.c.id != task.campaign_id)
    others = tx.execute(live).scalars().all()
    if not others:
        return
    if rows > _ANALYZED:
        tx.execute(text("analyze recipient (person_print, campaign_id)"))
    mine, other = recipient.alias(), recipient.alias()
    shared = (
        select(mine.c.row)
        .distinct()
        .join(other, other.c.person_print == mine.c.person_print)
        .where(mine.c.campaign_id == task.campaign_id, mine.c.person_print.is_not(None), ~mine.c.is_final)
        .where(other.c.campaign_id.in_(others), ~other.c.is_final)
        .order_by(mine.c.row)
    )
    told = iter(tx.execute(shared, execution_options=_STREAMED).scalars())
    reader = RowReader(Columns(task.headings), task.rules)
    while some := list(islice(told, _AT_ONCE)):
        observations = []
        for person in _people(tx, task, some):
            cells = json.loads(vault.open(person.data_sealed))["cells"]
            observations.append(reader.remark(person.row, cells, "E08", "numero_documento", *_CALLED_ALREADY))
        _store(tx, task, observations, found)


def _people(tx: Connection, task: Task, rows: list[int]) -> Iterator[Row]:
    kept = select(recipient.c.id, recipient.c.row, recipient.c.data_sealed, recipient.c.outcome)
    these = recipient.c.row == func.any(bindparam("rows", rows, type_=ARRAY(Integer)))
    found = tx.execute(kept.where(recipient.c.campaign_id == task.campaign_id, these))
    return iter(sorted(found, key=lambda person: person.row))


def _store(tx: Connection, task: Task, observations: list[Observation], found: Repetitions) -> None:
    found.add(observations)
    if observations:
        _copy(tx, OBSERVATIONS, packing.whole([packed_observation(task.campaign_id, each) for each in observations]))


def _copy(tx: Connection, statement: str, data: bytes) -> None:
    raw: Any = tx.connection.dbapi_connection
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(data)
