"""Corrections that were decided are made and told one by one: none keeps another from it (R40, R41)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from assembly import Parts
from assembly import corrections as loop_of
from beneficiaries.imports import import_padron
from beneficiaries.registry import Beneficiary, RegistryDown
from beneficiaries.tables import beneficiary
from campaigns.outcomes import Outcome
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from cases import tasks
from cases.consultations import consultations, escalations
from cases.corrections import asking, deciding, telling
from cases.corrections.asking import NOTHING
from cases.corrections.proposed import Proposed
from cases.events import events_of
from cases.tables import correction
from cases.tasks import TaskKind
from console.tables import account
from core.post import post
from core.roles import Role
from procedures.correcting import Corrections

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
PHONE = "+50370001234"
NAMELESS, ROSA, LUIS = "000000018", "000162975", "045678903"
PADRON = "documento;nombre;fecha_nacimiento;estado;telefono;recibo\n" + "".join(
    f"{document[:8]}-{document[8]};{name};12/07/1985;ACTIVO;{PHONE};44{document}\n"
    for document, name in ((NAMELESS, "Eva Paz"), (ROSA, "Rosa López"), (LUIS, "Luis López"))
)


@dataclass(frozen=True)
class Doubtful:
    """A padrón elsewhere, as the contract allows it: of one person without a name; ``down``: of whom it does not
    answer."""

    known: Any
    down: tuple[str, ...] = ()

    def find(self, document: str) -> Beneficiary | None:
        if document in self.down:
            raise RegistryDown
        found = self.known.find(document)
        return replace(found, name="") if document == NAMELESS else found

    def correct_birth_date(self, document: str, birth_date: date, made_by: str) -> None:
        if document in self.down:
            raise RegistryDown
        self.known.correct_birth_date(document, birth_date, made_by)

    def correct_name(self, document: str, name: str, made_by: str) -> None:
        if document in self.down:
            raise RegistryDown
        self.known.correct_name(document, name, made_by)


@pytest.fixture
def loop(parts: Parts) -> Corrections:
    with parts.db.begin() as tx:
        import_padron(tx, parts.vault, parts.clock.now(), PADRON.encode(), "test")
    made = loop_of(parts)
    doubtful: Any = Doubtful(made.padron)
    return replace(made, padron=doubtful)


@pytest.fixture
def asked(parts: Parts) -> Callable[..., int]:
    def asked(document: str, subject: str = "PIN_INVALIDO", proposed: Proposed = NOTHING, line: str = "dgs") -> int:
        with parts.db.begin() as tx:
            now, vault = parts.clock.now(), parts.vault
            case = consultations.open_case(tx, vault, now, subject, document, PHONE, line, None, "El sistema no acepta")
            return asking.ask(tx, vault, now, case, ANA, "No lo acepta", proposed).number

    return asked


@pytest.fixture
def refused(parts: Parts, asked) -> Callable[..., int]:
    def refused(document: str, **more) -> int:
        number = asked(document, **more)
        with parts.db.begin() as tx:
            deciding.reveal(tx, parts.clock.now(), number, LUISA)
            deciding.refuse(tx, parts.vault, parts.clock.now(), number, LUISA, "No coincide")
        return number

    return refused


def row(parts: Parts, number: int):
    with parts.db.begin() as tx:
        return tx.execute(select(correction).where(correction.c.id == number)).one()


def test_one_whose_name_nobody_knows_is_sent_to_the_window_and_the_next_is_called(parts, loop, refused) -> None:
    """It stopped every correction's call, for ever."""
    nameless, rosa = refused(NAMELESS), refused(ROSA)
    assert loop.follow() == 2
    assert row(parts, nameless).told_at is not None and row(parts, nameless).campaign_id is None
    assert row(parts, rosa).campaign_id is not None


def test_one_that_fails_keeps_nobody_from_theirs(parts, loop, refused, caplog) -> None:
    broken, rosa = refused(LUIS), refused(ROSA)
    with parts.db.begin() as tx:
        tx.execute(update(correction).where(correction.c.id == broken).values(document_sealed=b"not what was sealed"))
    assert loop.follow() == 1
    assert row(parts, rosa).campaign_id is not None
    assert f"correction {broken}: CannotOpen" in caplog.text


def test_one_of_a_line_that_was_taken_from_the_files_waits_until_it_is_back(parts, loop, refused) -> None:
    away, rosa = refused(LUIS, line="otra"), refused(ROSA)
    assert loop.follow() == 1
    assert (row(parts, away).campaign_id, row(parts, away).told_at) == (None, None)
    assert row(parts, rosa).campaign_id is not None
    lines, catalogs = loop.lines, loop.catalogs
    back = {"lines": {**lines, "otra": lines["dgs"]}, "catalogs": {**catalogs, "otra": catalogs["dgs"]}}
    assert replace(loop, **back, values={**loop.values, "otra": loop.values["dgs"]}).follow() == 1


def test_whoever_is_being_called_keeps_nobody_from_being_called(parts, loop, refused) -> None:
    """A hundred were a turn's most, and a campaign lasts seven days."""
    first = refused(LUIS)
    loop.follow()
    with parts.db.begin() as tx:
        columns = [each.name for each in correction.c if each.name not in ("id", "document_print")]
        more = select(
            func.decode(func.md5(func.generate_series(1, 120).op("||")("")), "hex"),
            *(correction.c[name] for name in columns),
        )
        alike = more.where(correction.c.id == first)
        tx.execute(correction.insert().from_select(["document_print", *columns], alike))
    rosa = refused(ROSA)
    assert loop.follow() == 1
    assert row(parts, rosa).campaign_id is not None


def test_a_call_that_is_over_is_written_down(parts, loop, refused) -> None:
    number = refused(ROSA)
    assert [loop.follow() for _ in range(2)] == [1, 0]
    with parts.db.begin() as tx:
        tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_COMPLETE))
        tx.execute(update(campaign).values(state=CampaignState.FINISHED))
    assert [loop.follow() for _ in range(2)] == [1, 0]
    assert row(parts, number).told_at is not None


def test_the_case_stays_open_where_somebody_else_has_to_look_into_it(parts, loop, refused) -> None:
    """R80. The call told them of their correction; that they were mistreated was nobody's any more."""
    number = refused(ROSA)
    case = row(parts, number).case_id
    with parts.db.begin() as tx:
        escalations.to_director(tx, parts.vault, parts.clock.now(), case, ANA, "La trataron mal")
    loop.follow()
    with parts.db.begin() as tx:
        tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_COMPLETE))
        tx.execute(update(campaign).values(state=CampaignState.FINISHED))
    assert [loop.follow() for _ in range(2)] == [1, 0]
    with parts.db.begin() as tx:
        left = {each.kind: each for each in tasks.open_tasks(tx, parts.vault)}
    assert set(left) == {TaskKind.CLOSE, TaskKind.UNATTENDED}
    still = "Se le avisó por teléfono. El caso sigue abierto: falta «No recibió la atención que necesitaba»."
    assert (events(parts, number)[-1], left[TaskKind.CLOSE].words) == (
        ("Se avisó a la persona", still),
        f"Rechazada. {still}",
    )


def test_its_campaign_is_closed_also_where_the_minute_comes_before_the_dialer(parts, loop, refused) -> None:
    """The person knew, the list was not over yet: it stayed FINISHED for ever, and no screen shows it. Whoever asked to
    be erased was told to wait for it."""
    refused(ROSA)
    loop.follow()
    with parts.db.begin() as tx:
        tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_COMPLETE))
    assert [loop.follow() for _ in range(2)] == [1, 0]
    with parts.db.begin() as tx:
        tx.execute(update(campaign).values(state=CampaignState.FINISHED))
    loop.follow()
    with parts.db.begin() as tx:
        assert tx.execute(select(campaign.c.state)).scalar_one() == CampaignState.CLOSED


def events(parts: Parts, number: int) -> list[tuple[str, str | None]]:
    with parts.db.begin() as tx:
        return [(each.label, each.text) for each in events_of(tx, parts.vault, row(parts, number).case_id)]


@pytest.mark.parametrize("is_there", [True, False])
def test_whom_nobody_can_call_is_somebodys_task(parts, loop, refused, is_there) -> None:
    """It ended in a line of the history that nobody was to read."""
    if is_there:
        with parts.db.begin() as tx:
            kept = {"name": "Ana", "role": Role.COORDINADOR, "password_hash": "", "created_at": parts.clock.now()}
            tx.execute(account.insert().values(email=ANA, **kept))
    number = refused(NAMELESS)
    loop.follow()
    with parts.db.begin() as tx:
        owed = telling.left(tx, parts.vault, number)
    assert owed and (telling.label_of(owed), owed.to_person) == ("Avisar a la persona", ANA if is_there else None)
    assert owed.to_roles == ((Role.COORDINADOR,) if is_there else (Role.OPERADOR,))
    why = "Sin nombre en el padrón no podremos llamarle: que pase por Ventanilla."
    assert events(parts, number)[-1] == ("No se pudo avisar a la persona", why)


def test_a_call_that_was_cut_in_the_middle_leaves_it_to_somebody(parts, loop, refused) -> None:
    number = refused(ROSA)
    loop.follow()
    with parts.db.begin() as tx:
        tx.execute(update(recipient).values(is_final=True, outcome=Outcome.MESSAGE_PARTIAL))
        tx.execute(update(campaign).values(state=CampaignState.FINISHED))
    loop.follow()
    with parts.db.begin() as tx:
        assert telling.left(tx, parts.vault, number)


def test_the_letter_says_whether_the_person_can_be_called(parts, loop, asked) -> None:
    """It promised a call to whom nobody could be called."""
    said = []
    for document in (NAMELESS, ROSA):
        number = asked(document)
        with parts.db.begin() as tx:
            deciding.reveal(tx, parts.clock.now(), number, LUISA)
        loop.refuse(number, LUISA, "No coincide")
        with parts.db.begin() as tx:
            said.append(parts.vault.open(tx.execute(select(post.c.body_sealed).order_by(post.c.id.desc())).scalar()))
    assert "no podremos llamarle" in said[0] and "Se llama a la persona" not in said[0]
    assert "Se llama a la persona al teléfono del padrón" in said[1]


class TestHalfMade:
    """What was decided when the padrón went, or the process that asked it."""

    BORN = date(1958, 7, 12)

    @pytest.fixture
    def begun(self, parts, asked) -> Callable[[str], int]:
        def begun(document: str) -> int:
            number = asked(document, "FECHA_NACIMIENTO", Proposed(self.BORN))
            with parts.db.begin() as tx:
                now = parts.clock.now()
                deciding.reveal(tx, now, number, LUISA)
                deciding.begin(tx, parts.vault, now, number, LUISA, reason="Coincide", source="REGISTRO_CIVIL")
            return number

        return begun

    def test_it_is_made_by_whoever_comes_after(self, parts, loop, begun) -> None:
        number = begun(ROSA)
        assert loop.follow() == 0, "whoever decided it may be waiting for the padrón"
        parts.clock.advance(timedelta(minutes=1))
        assert loop.follow() == 1
        assert (row(parts, number).state, row(parts, number).decided_by) == ("ACTUALIZADA", LUISA)
        assert parts.world.padron.find(ROSA).birth_date == self.BORN
        assert [kind for kind in letters(parts) if kind == "correction_decided"] == ["correction_decided"]
        assert [label for label, _ in events(parts, number)][-3:] == [
            "Pidió la corrección",
            "Corrigió el padrón",
            "SMS a la persona",
        ]

    def test_it_waits_while_the_padron_does_not_answer_and_holds_nobody_up(self, parts, loop, begun) -> None:
        rosa, luis = begun(ROSA), begun(LUIS)
        parts.clock.advance(timedelta(minutes=1))
        away = replace(loop, padron=replace(loop.padron, down=(ROSA,)))
        assert away.follow() == 1
        assert (row(parts, rosa).state, row(parts, luis).state) == ("SOLICITADA", "ACTUALIZADA")
        assert loop.follow() >= 1
        assert row(parts, rosa).state == "ACTUALIZADA"

    def test_of_somebody_who_is_not_in_the_padron_it_is_decided_anew(self, parts, loop, begun) -> None:
        number = begun(ROSA)
        with parts.db.begin() as tx:
            tx.execute(delete(beneficiary))
            kept = {"name": "Celia", "role": Role.COORDINADOR, "password_hash": "", "created_at": parts.clock.now()}
            tx.execute(account.insert().values(email="celia@ejemplo.gob.sv", **kept))
        parts.clock.advance(timedelta(minutes=1))
        assert [loop.follow() for _ in range(2)] == [1, 0]
        assert (row(parts, number).state, row(parts, number).correcting_since) == ("SOLICITADA", None)
        assert letters(parts) == ["correction_given_back"]

    def test_a_colleague_who_refuses_meanwhile_comes_too_late(self, parts, loop, asked) -> None:
        """The padrón was changed, the correction said RECHAZADA, and the citizen was told so."""
        number = asked(ROSA, "FECHA_NACIMIENTO", Proposed(self.BORN))
        came_too_late = []
        with parts.db.begin() as tx:
            deciding.reveal(tx, parts.clock.now(), number, LUISA)

        class Meanwhile(Doubtful):
            def correct_birth_date(self, document: str, birth_date: date, made_by: str) -> None:
                with pytest.raises(deciding.AlreadyDecided):
                    loop.refuse(number, "eva@ejemplo.gob.sv", "No coincide")
                came_too_late.append(made_by)
                super().correct_birth_date(document, birth_date, made_by)

        done = replace(loop, padron=Meanwhile(loop.padron)).correct(number, LUISA, "REGISTRO_CIVIL", "Coincide")
        assert came_too_late == [f"correction:{number}"]
        assert (done.state, done.decided_by) == ("ACTUALIZADA", LUISA)


def letters(parts: Parts) -> list[str]:
    with parts.db.begin() as tx:
        return list(tx.execute(select(post.c.kind).where(post.c.channel == "MAIL").order_by(post.c.id)).scalars())
