"""A date, a name or both, a PIN, no history: what is written into the padrón, and what its citizen reads and hears."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from assembly import Parts
from beneficiaries.registry import RegistryDown
from campaigns.tables import campaign
from cases.corrections import deciding
from cases.corrections.asking import NOTHING
from cases.corrections.proposed import Proposed
from core.clock import FixedClock
from core.post import DELIVERED, post
from procedures.correcting import Corrections
from tests.procedures.test_following import LUISA, ROSA, Doubtful, asked, events, loop, row

__all__ = ["asked", "loop"]

BORN, NAME = date(1958, 7, 12), "Rosa O'Brien-Núñez"
WAS = (date(1985, 7, 12), "Rosa López")
DATE, NAMED, BOTH = Proposed(BORN), Proposed(name=NAME), Proposed(BORN, NAME)


@pytest.fixture
def seen(parts: Parts, asked) -> Callable[..., int]:
    def seen(proposed: Proposed = NOTHING, subject: str = "C11") -> int:
        number: int = asked(ROSA, subject, proposed)
        with parts.db.begin() as tx:
            deciding.reveal(tx, parts.clock.now(), number, LUISA)
        return number

    return seen


def known(parts: Parts) -> tuple[date, str]:
    holder = parts.world.padron.find(ROSA)
    assert holder is not None
    return holder.birth_date, holder.name


def texts(parts: Parts) -> list[tuple[str, str]]:
    """(kind, what it says) of each."""
    catalog, values = parts.world.catalogs["dgs"], parts.lines["dgs"].values
    with parts.db.begin() as tx:
        rows = tx.execute(select(post).where(post.c.channel == "SMS").order_by(post.c.id)).all()
    return [(each.kind, catalog.say(each.prompt, values).text) for each in rows]


def called(parts: Parts) -> tuple[str, str | None]:
    """What the call back says, and the conversation that it leads to."""
    with parts.db.begin() as tx:
        found = tx.execute(select(campaign.c.request_sealed, campaign.c.carries_to)).one()
    return json.loads(parts.vault.open(found.request_sealed))["request"]["mensaje_guion"], found.carries_to


@pytest.mark.parametrize(
    ("proposed", "stands", "kind", "said"),
    [
        (DATE, (BORN, WAS[1]), "birth_date_corrected", "su fecha de nacimiento"),
        (NAMED, (WAS[0], NAME), "name_corrected", "su nombre"),
        (BOTH, (BORN, NAME), "name_and_birth_date_corrected", "su nombre y su fecha de nacimiento"),
    ],
)
def test_what_was_proposed_is_written_and_its_telephone_told_without_it(
    parts: Parts, loop: Corrections, seen, proposed, stands, kind, said
) -> None:
    """R18 type 11, R40, R41."""
    number = seen(proposed)
    loop.correct(number, LUISA, "REGISTRO_CIVIL", "Coincide")
    assert known(parts) == stands
    ((of_kind, text),) = texts(parts)
    assert (of_kind, f"corregimos {said} en el registro" in text) == (kind, True)
    with parts.db.begin() as tx:
        tx.execute(update(post).where(post.c.channel == "SMS").values(state=DELIVERED))
    loop.follow()
    message, carries_to = called(parts)
    assert f"Ya corregimos {said} en el registro." in message
    assert carries_to == (None if proposed is NAMED else "pin")
    told = [text, message, *(words or "" for _, words in events(parts, number))]
    assert not [each for each in told if "1958" in each or "1985" in each or "Rosa" in each], "no value is said"


@pytest.mark.parametrize(
    ("subject", "said"), [("PIN_INVALIDO", "lo que pasaba con su PIN"), ("SIN_HISTORIAL", "Ya revisamos su documento")]
)
def test_of_what_is_no_datum_no_datum_is_said_to_be_corrected(parts: Parts, loop, seen, subject, said) -> None:
    """Who had asked about their PIN heard that their data had been corrected (R36, R37)."""
    loop.correct(seen(subject=subject), LUISA, "SISTEMA", "Quedó resuelto")
    loop.follow()
    message, carries_to = called(parts)
    assert (said in message, "corregimos" in message, carries_to) == (True, False, "pin")
    assert (known(parts), texts(parts)) == (WAS, [])


def test_a_padron_that_cannot_take_a_name_yet_keeps_its_date_too(parts: Parts, loop, seen, clock: FixedClock) -> None:
    """Or a date would have changed and its holder not been told."""

    class Older(Doubtful):
        def correct_name(self, document: str, name: str, made_by: str) -> None:
            raise RegistryDown

    number = seen(BOTH)
    older = replace(loop, padron=Older(parts.world.padron))
    with pytest.raises(RegistryDown):
        older.correct(number, LUISA, "REGISTRO_CIVIL", "Coincide")
    clock.advance(timedelta(minutes=1))
    assert (older.follow(), known(parts), texts(parts)) == (0, WAS, [])
    assert loop.follow() == 1
    assert (known(parts), row(parts, number).state, len(texts(parts))) == ((BORN, NAME), "ACTUALIZADA", 1)


def test_what_was_lost_between_the_name_and_the_date_is_made_once(parts: Parts, loop, seen, clock: FixedClock) -> None:
    number = seen(BOTH)

    class Lost(Doubtful):
        def correct_birth_date(self, document: str, birth_date: date, made_by: str) -> None:
            super().correct_birth_date(document, birth_date, made_by)
            raise RegistryDown

    with pytest.raises(RegistryDown):
        replace(loop, padron=Lost(parts.world.padron)).correct(number, LUISA, "REGISTRO_CIVIL", "Coincide")
    parts.world.padron.correct_name(ROSA, "Rosa Paz", "another")
    clock.advance(timedelta(minutes=1))
    loop.follow()
    assert (known(parts), len(texts(parts))) == ((BORN, "Rosa Paz"), 1), "what came between stays"


def test_a_name_that_the_version_before_decided_and_did_not_write_is_written_before_it_is_told(
    parts: Parts, loop, seen
) -> None:
    number = seen(NAMED)
    with parts.db.begin() as tx:
        now = parts.clock.now()
        deciding.begin(tx, parts.vault, now, number, LUISA, reason="Coincide", source="REGISTRO_CIVIL")
        deciding.finish(tx, parts.vault, now, number)
    assert known(parts) == WAS
    loop.follow()
    assert (known(parts), "su nombre" in called(parts)[0]) == ((WAS[0], NAME), True)
