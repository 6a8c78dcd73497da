"""Casos: a call promised for an hour, told of on its case and on Tareas, and taken back (R79, R87)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from beneficiaries.asked import Padron
from beneficiaries.imports import import_padron
from beneficiaries.registry import RegistryDown
from cases.consultations import consultations
from cases.consultations.consultations import close_case
from cases.corrections import asking
from core import audit, closed_days
from core.closed_days import DayKind
from core.roles import Role
from desk.tables import promise
from prompts.speech import WEEKDAYS

DUI, PHONE = "000162975", "+50370001234"
WORDS = "Preguntar si ya le atendieron"


@pytest.fixture
def opened(centre, db, vault, clock):
    """Of the desk's own lines; ``centre``: there is one."""

    def opened(line: str = "dgs", phone: str | None = PHONE) -> int:
        with db.begin() as tx:
            return consultations.open_case(tx, vault, clock.now(), "C01", DUI, phone, line, None, "Pregunta precios")

    return opened


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


@pytest.fixture
def after(clock, office):
    def after(hours: float) -> datetime:
        return (clock.now() + timedelta(hours=hours)).astimezone(office.zone).replace(second=0, microsecond=0)

    return after


def promises_of(db) -> list:
    with db.begin() as tx:
        return list(tx.execute(select(promise).order_by(promise.c.id)))


def ask(browser, case_id: int, at: datetime | str, words: str = WORDS, **more: str) -> str:
    when = at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M")
    told = {"when": when, "words": words, **more}
    return browser.post(f"/casos/{case_id}/seguimiento", data=told, follow_redirects=True).text


def test_two_calls_are_promised_and_both_are_told_of(operator, opened, after, db):
    """Thursday's was swallowed by Tuesday's while the screen said that it was promised."""
    case_id = opened()
    for hours, words in ((5, WORDS), (53, "Dar el resultado")):
        page = ask(operator, case_id, after(hours), words, **({"besides": "y"} if hours > 5 else {}))
        assert "Quedó prometida" in page and words in page and f"{after(hours):%d/%m/%Y %H:%M}" in page
    rows = promises_of(db)
    assert [(row.due_at, row.case_id, row.made_by) for row in rows] == [
        (after(hours), case_id, "operador@ejemplo.gob.sv") for hours in (5, 53)
    ]
    assert all(told in operator.get("/casos/tareas").text for told in (WORDS, "Dar el resultado", f"Caso {case_id}"))


class TestOfACorrection:
    """Whoever asked for it may be somebody else: only the telephone of the padrón is rung about it (R41)."""

    OWN = "+50371110000"
    HEADING = "documento;nombre;fecha_nacimiento;estado;telefono"

    @pytest.fixture
    def office(self, office, parts):
        return replace(office, padron=parts.world.padron)

    @pytest.fixture
    def corrected(self, centre, parts):
        def corrected(phone: str, subject: str = "PIN_INVALIDO") -> int:
            padron = f"{self.HEADING}\n00016297-5;Ana Inventada;12/07/1985;ACTIVO;{phone}\n"
            with parts.db.begin() as tx:
                now, vault = parts.clock.now(), parts.vault
                import_padron(tx, vault, now, padron.encode(), "test")
                told = (DUI, PHONE, "dgs", None, "Dice que no lo acepta")
                number = consultations.open_case(tx, vault, now, "PIN_INVALIDO", *told)
                asking.ask(tx, vault, now, number, "eva@ejemplo.gob.sv", "No lo acepta")
                if subject != "PIN_INVALIDO":
                    number = consultations.open_case(tx, vault, now, subject, *told)
            return number

        return corrected

    @pytest.mark.parametrize("subject", ["PIN_INVALIDO", "C01"])
    def test_the_telephone_of_the_padron_is_promised(self, operator, corrected, after, db, vault, subject):
        """From the case of it, or from any other of that person while it is not over."""
        page = ask(operator, corrected(self.OWN, subject), after(5))
        assert "después en el teléfono del padrón" in page
        (row,) = promises_of(db)
        assert (vault.open(row.phone_sealed), row.due_at) == (self.OWN, after(5))

    def test_without_one_it_is_the_window(self, operator, corrected, after, db):
        page = ask(operator, corrected(""), after(5))
        assert "De una corrección solo se llama al teléfono del padrón" in page and "Ventanilla" in page
        assert promises_of(db) == [] and f"{WORDS}</textarea>" in page

    def test_while_the_padron_does_not_answer_nobody_is_promised(self, operator, corrected, after, db, monkeypatch):
        def down(*_: object) -> None:
            raise RegistryDown

        monkeypatch.setattr(Padron, "find", down)
        page = ask(operator, corrected(self.OWN), after(5))
        assert "El padrón no contesta" in page and promises_of(db) == []

    def test_of_any_other_case_its_own_telephone_is(self, operator, corrected, opened, after, db, vault):
        other = opened()
        page = ask(operator, other, after(5))
        assert "después en el teléfono del caso" in page
        assert [vault.open(row.phone_sealed) for row in promises_of(db)] == [PHONE]


def test_of_two_who_promise_one_case_the_second_is_asked(as_role, opened, after, db, vault):
    """A minute apart: the telephone rang again three minutes after the person was told."""
    case_id, at = opened(), after(5)
    ask(as_role(Role.OPERADOR), case_id, at, "Decirle que ya está")
    colleague = as_role(Role.SUPERVISOR)
    form = colleague.get(f"/casos/{case_id}/historia").text.partition("Prometer una llamada…</summary>")[2]
    assert "Ya está prometida" in form and "Decirle que ya está" in form and f"{at:%d/%m/%Y %H:%M}" in form
    later = at + timedelta(minutes=1)
    page = ask(colleague, case_id, later, "Lo mismo")
    assert f"ya está prometida una llamada, el {WEEKDAYS[at.weekday()]} {at:%d/%m/%Y} a las {at:%H:%M}" in page
    assert "Lo mismo</textarea>" in page and len(promises_of(db)) == 1
    assert "Quedó prometida" in ask(colleague, case_id, later, "Es otra cosa", besides="y")
    assert [row.due_at for row in promises_of(db)] == [at, later]


def test_nobody_is_asked_of_one_that_was_made_or_that_is_the_same(operator, opened, after, db, clock):
    case_id = opened()
    ask(operator, case_id, after(5))
    assert "Quedó prometida" in ask(operator, case_id, after(5), "Y darle la dirección")
    (row,) = promises_of(db)
    with db.begin() as tx:
        tx.execute(update(promise).values(state="KEPT", ended_at=clock.now()))
    assert "Hace falta otra" not in operator.get(f"/casos/{case_id}/historia").text
    assert "Quedó prometida" in ask(operator, case_id, after(6))


def test_an_hour_is_typed_answered_and_told_by_the_clock_of_its_line(operator, opened, db):
    """The field was read in El Salvador and answered in Colombia: 17:30 was «se llama de 08:00 a 18:00»."""
    case_id = opened("uariv", "+573001234567")
    assert "Día y hora (hora de Colombia)" in operator.get(f"/casos/{case_id}/historia").text
    assert "se llama de 08:00 a 18:00" in ask(operator, case_id, "2026-11-24T18:00")
    page = ask(operator, case_id, "2026-11-24T17:30")
    assert "24/11/2026 17:30, hora de Colombia" in page and page.count("hora de Colombia") >= 2
    assert [row.due_at.isoformat() for row in promises_of(db)] == ["2026-11-24T22:30:00+00:00"]
    assert "Día y hora (hora de El Salvador)" in operator.get(f"/casos/{opened()}/historia").text


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("2026-11-24T22:00", "El martes 24/11/2026, desde esta línea, se llama de 08:00 a 18:00."),
        ("2026-11-24T07:59", "La primera hora después es el martes 24/11/2026 a las 08:00."),
        ("2026-11-24T18:00", "La primera hora después es el miércoles 25/11/2026 a las 08:00."),
        ("2026-11-29T03:00", "El domingo 29/11/2026, desde esta línea, no se llama. La primera hora después es el"),
    ],
)
def test_outside_the_hours_of_its_line_none_is_promised_and_when_it_may_be_is_said(operator, opened, db, when, hours):
    """It was accepted for a Sunday at 03:00, with «a esa hora suena en un puesto»."""
    page = ask(operator, opened(), when)
    assert "A esa hora no se puede llamar: no se prometió nada." in page and hours in page
    assert promises_of(db) == []


def test_nor_for_a_day_that_was_closed_since(operator, opened, db, clock):
    with db.begin() as tx:
        tuesday = date(2026, 11, 24)
        closed_days.close(tx, clock.now(), "eva@ejemplo.gob.sv", "SV", tuesday, tuesday, "Asueto", DayKind.ASUETO)
    assert "La primera hora después es el miércoles 25/11/2026" in ask(operator, opened(), "2026-11-24T10:00")
    assert promises_of(db) == []


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("", "Escriba el día y la hora, como en el calendario."),
        ("mañana", "Escriba el día y la hora, como en el calendario."),
        ("2026-11-23T09:00", "en 60 días como máximo"),
        ("2027-11-23T09:00", "en 60 días como máximo"),
    ],
)
def test_not_for_one_that_went_by_nor_for_next_year(operator, opened, db, when, told):
    assert told in ask(operator, opened(), when)
    assert promises_of(db) == []


@pytest.mark.parametrize("when", ["", "2026-11-23T09:00", "2026-11-29T03:00"])
def test_what_was_written_for_a_refused_one_stays_in_its_form_which_is_open(operator, opened, when):
    told = {"when": when, "words": "Decirle <b>qué</b> se supo"}
    answer = operator.post(f"/casos/{opened()}/seguimiento", data=told)
    assert answer.status_code == 422
    form = answer.text.partition("Prometer una llamada…</summary>")[2].partition("</form>")[0]
    assert "Decirle &lt;b&gt;qué&lt;/b&gt; se supo</textarea>" in form and "invalid-feedback" in form
    assert f'value="{when}"' in form
    assert answer.text.count('<details id="promise" class="mb-3" open>') == 1


def test_nor_is_a_day_lost_where_the_words_lack(operator, opened, after):
    page = ask(operator, opened(), after(5), "")
    assert "Escriba para qué." in page and f'value="{after(5):%Y-%m-%dT%H:%M}"' in page


def test_a_case_without_a_telephone_is_promised_nothing(operator, opened, after, db):
    case_id = opened(phone=None)
    assert "Prometer una llamada" not in operator.get(f"/casos/{case_id}/historia").text
    assert "no tiene un teléfono al que llamar" in ask(operator, case_id, after(5))
    assert promises_of(db) == []


def test_one_of_a_line_that_is_not_here_any_more_is_promised_nothing(operator, opened, after, db):
    assert "ya no está en el servicio" in ask(operator, opened("otra"), after(5))
    assert promises_of(db) == []


def test_it_is_kept_when_its_case_is_closed(operator, opened, after, db, vault, clock):
    """What was promised to a citizen is not undone by what is done at a screen about something else."""
    case_id = opened()
    ask(operator, case_id, after(5))
    with db.begin() as tx:
        close_case(tx, vault, clock.now(), case_id, "eva@ejemplo.gob.sv", "Se dio el precio")
    assert [row.state for row in promises_of(db)] == ["WAITING"]


def test_one_that_is_not_needed_is_taken_back_once(operator, opened, after, db):
    case_id = opened()
    ask(operator, case_id, after(5))
    (row,) = promises_of(db)
    for told in ("Ya no se le llamará", "ya se hizo"):
        page = operator.post(f"/casos/promesas/{row.id}/retirar", follow_redirects=True).text
        assert told in page and "Ya no hacía falta" in page
    assert WORDS not in operator.get("/casos/tareas").text
    with db.begin() as tx:
        done = [each["action"] for each in audit.history(tx, "case", case_id)]
    assert [each for each in done if "promise" in each] == ["case.promise_taken_back", "case.call_promised"]


def test_of_a_line_that_is_not_theirs_nobody_sees_or_takes_back_any(as_role, opened, after, db):
    case_id, supervisor = opened("linea131"), as_role(Role.SUPERVISOR)
    ask(supervisor, case_id, after(5))
    (row,) = promises_of(db)
    assert WORDS in supervisor.get("/casos/tareas").text
    stranger = as_role(Role.ADMIN)
    assert WORDS not in stranger.get("/casos/tareas").text
    assert stranger.post(f"/casos/promesas/{row.id}/retirar").status_code == 404
    assert stranger.post(f"/casos/promesas/{row.id + 1}/retirar").status_code == 404
    assert [each.state for each in promises_of(db)] == ["WAITING"]
