"""Three ways from a long list to rows in the database: ours, a plain script's, and the least that can be done.

Each imports what it needs in its own process: what is imported is part of the memory that is measured.
"""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from demo.invent import REQUEST
from drill.long_list import rows_of, rows_plainly

if TYPE_CHECKING:
    from core.privacy import Vault

_AT_ONCE = 2_000  # rows
_KEY = "the drill's own key, of no use elsewhere"
_A_CAMPAIGN = """
insert into campaign (state, name, area, kind, mode, line, country, caller_id, request_sealed, headings, delimiter,
  filename, file_id, sha256, starts_at, ends_on, max_attempts, priority, is_sensitive, is_urgent, recipients,
  submitted_at, submitted_by)
values ('submitted', '', '', '', '', '', '', '', '', '[]', ';', '', 0, '', now(), now(), 1, 1, false, false, 0,
  now(), '') returning id
"""


def empty(url: str) -> None:
    """As it was before the first of them; the database writes down what it has, so that none pays for another."""
    import psycopg

    from core.database import libpq_url

    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("drop table if exists plain_person")
        connection.execute("truncate campaign, stored_file restart identity cascade")
        connection.execute("checkpoint")


def _ours(url: str, path: Path) -> float:
    """Received and imported, as the web and the worker do."""
    from datetime import datetime

    import app  # noqa: F401 - a worker has it all in memory
    from campaigns.campaign_line import CampaignLine
    from campaigns.importing import import_campaign
    from campaigns.receiving import receive
    from campaigns.states import CampaignState
    from campaigns.upload.lines_known import LineKnown
    from core.clock import FixedClock
    from core.database import Database
    from core.privacy import Vault

    db, vault = Database(url), Vault(_KEY)
    clock = FixedClock(datetime.fromisoformat("2026-11-23T10:00:00-06:00"))
    known = LineKnown("dgs", "SV", REQUEST["entidad"], frozenset({"+50322373333"}))
    lines = [CampaignLine(known, "+50322373333", "Gracias.", "Solo para este aviso.")]
    begun = time.perf_counter()
    number = receive(db, vault, clock, lines, "drill", path.name, path.read_bytes(), by_job=False)
    received = time.perf_counter()
    state = import_campaign(db, vault, clock, lines, number)
    ended = time.perf_counter()
    click.echo(f"       recibir {received - begun:.2f} s, importar {ended - received:.2f} s", err=True)
    if state != CampaignState.UNDER_REVIEW:
        raise SystemExit(f"the list was to be good: {state}")
    return ended - begun


def _floor(url: str, path: Path) -> float:
    """Read, encrypt, hash and COPY the columns that ours fills, with no check: by the quickest means that ours has."""
    import psycopg

    from campaigns.upload import packing
    from campaigns.upload.packed_people import PEOPLE
    from core.database import libpq_url
    from core.privacy import Vault

    vault = Vault(_KEY)
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("set session_replication_role = replica")
        campaign_id = connection.execute(_A_CAMPAIGN).fetchone()[0]  # type: ignore[index]
        begun = time.perf_counter()
        rows, number = rows_of(path), 1
        with connection.cursor().copy(PEOPLE) as copy:
            copy.write(packing.HEADER)
            while some := list(islice(rows, _AT_ONCE)):
                copy.write(b"".join(_unchecked(vault, campaign_id, number, some)))
                number += len(some)
            copy.write(packing.TRAILER)
        connection.commit()
        return time.perf_counter() - begun


def _unchecked(vault: "Vault", campaign_id: int, first: int, rows: list[list[str]]) -> list[bytes]:
    from json.encoder import encode_basestring as quoted

    from campaigns.upload import packing
    from campaigns.upload.packed_people import PHONES, TO_BE_DIALLED, packed_person

    numbers = range(first, first + len(rows))
    kept = vault.seal_each([f'{{"cells":[{",".join(map(quoted, cells))}]}}' for cells in rows])
    prints = vault.fingerprint_each("document", [cells[2] for cells in rows])
    answers = packing.print_arrays(
        [
            vault.fingerprint_each(
                "answer", [f"{number}:{cells[n]}" for number, cells in zip(numbers, rows, strict=True)]
            )
            for n in (2, 5)
        ]
    )
    last = (PHONES[1], TO_BE_DIALLED, packing.NULL + packing.NULL)  # phones, outcome and is_final, zone and preferred
    return [
        packed_person(campaign_id, number, print_, sealed, last[0], prints_, *last[1:])
        for number, print_, sealed, prints_ in zip(numbers, prints, kept, answers, strict=True)
    ]


def _plain(url: str, path: Path) -> float:
    """As most would write it."""
    import phonenumbers
    from sqlalchemy import create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    from core.database import sqlalchemy_url

    class Base(DeclarativeBase):
        pass

    class Person(Base):
        __tablename__ = "plain_person"
        id: Mapped[int] = mapped_column(primary_key=True)
        record: Mapped[str]
        kind: Mapped[str]
        document: Mapped[str] = mapped_column(index=True)
        name: Mapped[str]
        surname: Mapped[str]
        born: Mapped[str]
        phone_1: Mapped[str | None]
        phone_2: Mapped[str | None]

    def phone(written: str) -> str | None:
        if not written:
            return None
        number = phonenumbers.parse(written, "SV")
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    engine = create_engine(sqlalchemy_url(url))
    Base.metadata.create_all(engine)
    begun = time.perf_counter()
    with Session(engine) as session:
        for number, cells in enumerate(rows_plainly(path), start=1):
            record, kind, document, name, surname, born, first, second = cells
            told = {"record": record, "kind": kind, "document": document, "name": name, "surname": surname}
            session.add(Person(**told, born=born, phone_1=phone(first), phone_2=phone(second)))
            if number % 1_000 == 0:
                session.commit()
        session.commit()
    return time.perf_counter() - begun


#: By name: of a database's URL and a list, the seconds of the work itself.
CONTENDERS: dict[str, Callable[[str, Path], float]] = {"ours": _ours, "floor": _floor, "plain": _plain}
