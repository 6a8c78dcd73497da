"""From the call that a wrong date of birth stopped to the one that says it is right (R36–R41): the whole service."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assembly import Parts, corrections
from beneficiaries.imports import import_padron
from cases import tasks
from cases.consultations import consultations
from cases.corrections import deciding
from cases.corrections.corrections import CorrectionState
from cases.corrections.proposed import Proposed
from cases.tables import correction
from core.database import Database
from core.post import DELIVERED, post
from procedures.correcting import Corrections
from tests.procedures.citizen import HANGS_UP, Citizen
from tests.service import service, wait_for
from work import post_office

DUI, LINE = "000162975", "+50322373333"
CALLER, PHONE = "+50379990000", "+50370001234"  # whoever asks, and the telephone of the padrón
BORN, WRONG = "12071958", date(1985, 7, 12)
PADRON = (
    "documento;nombre;fecha_nacimiento;estado;telefono;recibo\n"
    f"00016297-5;ANA LÓPEZ;{WRONG:%d/%m/%Y};ACTIVO;{PHONE};4407719\n"
)
ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"

STOPPED = (
    ("Para cambiarlo o pedir uno nuevo", "2"),
    ("los nueve números de su DUI", DUI),
    ("Marque su fecha de nacimiento", BORN),
    ("Una persona le puede ayudar", HANGS_UP),
    ("marque dos", "2"),
)
CALLED_BACK = (
    ("¿Hablo con", "1"),
    ("cuatro últimos números de su recibo", "7719"),
    ("Para cambiar su PIN ahora, marque uno", "1"),
    ("Marque su fecha de nacimiento", BORN),
    ("Tenga a mano papel y lápiz", HANGS_UP),
)

CALLED_ABOUT_A_NAME = (
    ("¿Hablo con", "1"),
    ("cuatro últimos números de su recibo", "7719"),
    ("Para terminar, marque uno", "1"),
)


@pytest.mark.slow(40)
@pytest.mark.timeout(300)
def test_from_the_stopped_call_to_the_answered_call_back(db: Database, database_url: str, tmp_path: Path) -> None:
    with service(tmp_path, database_url, "speed = 0\n", CALLS_PER_SECOND="20") as running:
        made = running.parts()
        loop = corrections(made)
        with made.db.begin() as tx:
            import_padron(tx, made.vault, made.clock.now(), PADRON.encode(), "test")
        carrier = f"http://{running.settings.carrier_bind}"
        caller, citizen = Citizen(carrier, CALLER), Citizen(carrier, PHONE)

        heard = caller.call(LINE, STOPPED)  # R38: three dates that do not match, one neutral sentence, and a case
        assert any("Por su seguridad" in text for text in heard)
        (case,) = pending(made)
        assert (case.subject.code, case.opened_by) == ("FECHA_NACIMIENTO", "ivr")

        number = asked(
            made, loop, case.id, Proposed(date(1958, 7, 12))
        )  # R39, R40: the operator notes the right one, a coordinator is written to
        assert [each.kind.value for each in open_tasks(made)] == ["CLOSE", "CORRECTION"]
        with made.db.begin() as tx:
            deciding.reveal(tx, made.clock.now(), number, LUISA)
        loop.correct(number, LUISA, "REGISTRO_CIVIL", "Coincide con el registro")
        holder = made.world.padron.find(DUI)
        assert holder and holder.birth_date == date(1958, 7, 12)
        assert letters(made) == ["birth_date_corrected", "correction_decided"]
        assert loop.follow() == 0, "the text goes first"
        is_announced(made, loop)

        waiting = citizen.wait_for_a_call(CALLED_BACK)  # R41: the dialer calls, to the padrón's telephone alone
        assert loop.follow() == 1
        heard = waiting.heard(90)
        told = heard.index(next(text for text in heard if "Ya corregimos su fecha de nacimiento" in text))
        asked_first = heard.index(next(text for text in heard if "recibo" in text))
        assert asked_first < told, "nothing is said before they prove who they are"
        assert not any("1985" in text or "ochenta y cinco" in text for text in heard), "the old date is never read"
        assert "Ya tenemos su número de DUI." in heard[told:], "and the call goes on to the line of the PIN"

        wait_for(lambda: loop.follow() == 1, 30, "the case is closed")
        assert state_of(made, number) == (CorrectionState.ACTUALIZADA, True)
        assert pending(made) == [] and open_tasks(made) == []
        assert written_to(running.ledger()) == [("message", PHONE), ("call", PHONE)], "once, and nobody else"
        made.db.close()


@pytest.mark.slow(30)
@pytest.mark.timeout(300)
def test_a_name_from_what_is_asked_for_to_the_answered_call_back(
    db: Database, database_url: str, tmp_path: Path
) -> None:
    """R18 type 11, R39–R41."""
    with service(tmp_path, database_url, "speed = 0\n", CALLS_PER_SECOND="20") as running:
        made = running.parts()
        loop, name = corrections(made), "Ana María O'Brien"
        with made.db.begin() as tx:
            now = made.clock.now()
            import_padron(tx, made.vault, now, PADRON.encode(), "test")
            told = ("C11", DUI, CALLER, "dgs", None, "Su apellido está mal escrito")
            case_id = consultations.open_case(tx, made.vault, now, *told, actor=ANA)
        number = asked(made, loop, case_id, Proposed(name=name))
        with made.db.begin() as tx:
            deciding.reveal(tx, made.clock.now(), number, LUISA)
        loop.correct(number, LUISA, "REGISTRO_CIVIL", "Coincide con el registro")
        holder = made.world.padron.find(DUI)
        assert holder and (holder.name, holder.birth_date) == (name, WRONG)
        assert letters(made) == ["correction_decided", "name_corrected"]
        is_announced(made, loop)

        citizen = Citizen(f"http://{running.settings.carrier_bind}", PHONE)
        waiting = citizen.wait_for_a_call(CALLED_ABOUT_A_NAME)
        assert loop.follow() == 1
        heard = waiting.heard(90)
        told_at = heard.index(next(text for text in heard if "Ya corregimos su nombre en el registro" in text))
        asked_first = heard.index(next(text for text in heard if "recibo" in text))
        assert asked_first < told_at, "nothing is said before they prove who they are"
        assert not any("brien" in text.lower() or "lópez" in text.lower() for text in heard), "no name is read whole"
        assert not any("cambiar su PIN" in text for text in heard), "a name stops nobody on the line of the PIN"

        wait_for(lambda: loop.follow() == 1, 30, "the case is closed")
        assert state_of(made, number) == (CorrectionState.ACTUALIZADA, True)
        assert pending(made) == [] and open_tasks(made) == []
        assert written_to(running.ledger()) == [("message", PHONE), ("call", PHONE)]
        made.db.close()


def is_announced(made: Parts, loop: Corrections) -> None:
    """The text leaves as the worker sends it, and the carrier tells that it came."""
    with made.db.begin() as tx:
        number = tx.execute(select(post.c.id).where(post.c.channel == "SMS")).scalar_one()
    post_office(made).send(number)

    def has_come() -> bool:
        with made.db.begin() as tx:
            return tx.execute(select(post.c.state).where(post.c.id == number)).scalar_one() == DELIVERED

    wait_for(has_come, 30, "the text came")
    assert loop.guarding.watch() == 1


def written_to(ledger: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(message or call, to whom) of all that the service placed."""
    placed = {entry["sid"]: (entry["kind"], entry["to"]) for entry in ledger if entry["kind"] in ("message", "call")}
    return [each for each in placed.values() if each[1] != LINE]


def asked(made: Parts, loop: Corrections, case_id: int, proposed: Proposed) -> int:
    with made.db.begin() as tx:
        return loop.ask(tx, case_id, ANA, "Dice que en su DUI la fecha es otra", proposed).number


def pending(made: Parts) -> list[consultations.PendingCase]:
    with made.db.begin() as tx:
        return consultations.pending_cases(tx, made.vault)


def open_tasks(made: Parts) -> list[tasks.Task]:
    with made.db.begin() as tx:
        return tasks.open_tasks(tx, made.vault)


def letters(made: Parts) -> list[str]:
    with made.db.begin() as tx:
        return sorted(tx.execute(select(post.c.kind)).scalars())


def state_of(made: Parts, number: int) -> tuple[str, bool]:
    with made.db.begin() as tx:
        row = tx.execute(select(correction).where(correction.c.id == number)).one()
    return row.state, row.told_at is not None
