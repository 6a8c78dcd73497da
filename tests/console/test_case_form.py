"""The case form of an attended call: typed, saved, handed to a colleague; and what is still to be saved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cases import tasks
from cases.attentions import attentions
from cases.attentions.handovers import STILL_TYPING
from cases.consultations import consultations
from cases.events import EventKind, events_of
from cases.tables import case_
from core import audit
from core.countries import COUNTRIES
from core.opening import Opening
from core.roles import Role
from desk.lines import DeskLine, Queue

DUI, PHONE = "000162975", "+50322334455"
OPERATOR = "operador@ejemplo.gob.sv"
WHOLE = {
    "subject": "C01",
    "caller_kind": "BENEFICIARIO",
    "contact_name": "Alguien Inventado",
    "detail": "Pregunta el precio del cilindro de 25 libras",
    "has_conflict": "no",
    "is_gift_offered": "no",
    "outcome": "PENDIENTE",
}


def a_line(name: str, *roles: Role) -> DeskLine:
    queue = Queue("general", "General")
    opening = Opening("SV")
    return DeskLine(
        name, "Línea", "SV", "+50322220000", opening, {"general": queue}, "general", restricted_roles=frozenset(roles)
    )


@pytest.fixture
def office(office):
    lines = (a_line("dgs"), a_line("linea131", Role.COORDINADOR, Role.DIRECTOR))
    return replace(office, desk_lines={line.id: line for line in lines})


@pytest.fixture
def answered(db, vault, clock) -> Callable[..., int]:
    """An operator answered: the draft's number."""

    def answered(operator: str = OPERATOR, room: int = 1, **other: Any) -> int:
        told = {"line": "dgs", "call_sid": None, "phone": PHONE, "document": DUI, **other}
        with db.begin() as tx:
            return attentions.open_draft(
                tx, vault, clock.now(), room_id=room, operator=operator, zone=COUNTRIES["SV"].zone, **told
            )

    return answered


@pytest.fixture
def operator(as_role) -> FlaskClient:
    return as_role(Role.OPERADOR)


def kept(db, vault, number: int) -> attentions.Draft:
    with db.begin() as tx:
        return attentions.draft(tx, vault, number)


class TestTyping:
    def test_the_form_shows_what_the_call_told_masked(self, operator, answered):
        page = operator.get(f"/casos/{answered()}/atender").text
        assert "+503 ••••-••55" in page
        assert "00•••••-•" in page
        assert PHONE not in page
        assert DUI not in page
        assert "Precios del gas licuado" in page
        assert "Consejería" not in page

    def test_what_is_typed_is_kept_and_comes_back(self, operator, answered, db, vault):
        number = answered()
        typed = {"detail": "Pregunta <b>algo", "has_conflict": "no"}
        part = operator.post(f"/casos/{number}/escribir", data=typed, headers={"X-Part": "case-form"})
        assert part.status_code == 200
        assert "<html" not in part.text
        assert "Borrador guardado a las 10:00:00" in part.text
        assert "Pregunta &lt;b&gt;algo" in operator.get(f"/casos/{number}/atender").text
        draft = kept(db, vault, number)
        assert (draft.detail, draft.has_conflict, draft.is_gift_offered) == ("Pregunta <b>algo", False, None)

    def test_without_a_script_the_whole_page_comes(self, operator, answered):
        assert "<html" in operator.post(f"/casos/{answered()}/escribir", data=WHOLE).text

    @pytest.mark.parametrize("typed", [{"detail": "x" * 4001}, {"subject": "D01"}])
    def test_what_does_not_fit_is_said(self, operator, answered, typed):
        answer = operator.post(f"/casos/{answered()}/escribir", data=typed)
        assert answer.status_code == 422
        assert "Es demasiado largo" in answer.text

    @pytest.mark.parametrize("verb", ["escribir", "guardar", "trasladar"])
    def test_nobody_elses(self, operator, as_role, answered, verb):
        number = answered(operator="otra@ejemplo.gob.sv")
        assert operator.get(f"/casos/{number}/atender").status_code == 404
        assert operator.post(f"/casos/{number}/{verb}", data=WHOLE).status_code == 404
        assert operator.post(f"/casos/99/{verb}", data=WHOLE).status_code == 404
        assert as_role(Role.MISIONAL).post(f"/casos/{number}/{verb}", data=WHOLE).status_code == 403

    def test_what_the_person_called_for_before_is_beside_it(self, operator, answered, db, vault, clock):
        with db.begin() as tx:
            consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", DUI, None, "dgs", None)
            consultations.open_case(tx, vault, clock.now(), "D01", DUI, None, "linea131", None, "Pide orientación")
        page = operator.get(f"/casos/{answered()}/atender").text
        assert "Beneficiario en estado «No activo»" in page
        assert "linea131" not in page


class TestSaving:
    def test_what_lacks_is_said_beside_each_field(self, operator, answered):
        answer = operator.post(f"/casos/{answered()}/guardar", data={"detail": "Nada"})
        assert answer.status_code == 422
        for name in ("subject", "caller_kind", "detail", "has_conflict", "is_gift_offered", "outcome"):
            assert f'id="{name}-error"' in answer.text, name
            assert f'aria-describedby="{name}-error' in answer.text, name

    def test_a_whole_one_leaves_its_case_in_the_tray(self, operator, answered):
        number = answered()
        answer = operator.post(f"/casos/{number}/guardar", data=WHOLE)
        assert answer.status_code == 200
        assert "Guardado como caso 1: pendiente" in answer.text
        assert "Precios del gas licuado" in operator.get("/casos").text
        again = operator.post(f"/casos/{number}/guardar", data={**WHOLE, "detail": "Otra cosa distinta de la primera"})
        assert "Guardado como caso 1" in again.text
        assert "Otra cosa distinta" not in operator.get("/casos/1/historia").text

    def test_the_case_was_opened_at_one_hour_wherever_it_is_read(self, operator, answered, clock):
        number = answered()
        clock.advance(timedelta(minutes=2))
        operator.post(f"/casos/{number}/guardar", data=WHOLE)
        clock.advance(timedelta(days=1))
        history, found = operator.get("/casos/1/historia").text, operator.get("/casos").text
        assert "23/11/2026 10:00" in found and "23/11/2026 10:00" in history and "23/11/2026 10:02" not in history

    def test_a_gift_is_asked_for_and_registered(self, operator, as_role, answered):
        number = answered()
        offered = {**WHOLE, "is_gift_offered": "si"}
        asked = operator.post(f"/casos/{number}/guardar", data=offered)
        assert asked.status_code == 422
        assert 'id="gift_item-error"' in asked.text
        gift = {"gift_offer": "Quiso traer pan", "gift_item": "=PAN()", "gift_is_accepted": "no"}
        assert operator.post(f"/casos/{number}/guardar", data=offered | gift).status_code == 200
        assert "Quiso traer pan" in as_role(Role.SUPERVISOR).get("/regalias").text


class TestTooLate:
    """What somebody was still writing when their part was concluded: their words are added to the case, and the rest is
    shown to them, to copy."""

    COLLEAGUE = "otra@ejemplo.gob.sv"

    @pytest.fixture
    def concluded(self, operator, answered, db, vault, clock) -> int:
        """The operator wrote and declared; a while later the colleague who had the call after saved the case."""
        number = answered()
        operator.post(f"/casos/{number}/escribir", data=WHOLE)
        clock.advance(STILL_TYPING)
        theirs = answered(operator=self.COLLEAGUE)
        answers = {"has_conflict": False, "is_gift_offered": False, "outcome": "CERRADO"}
        with db.begin() as tx:
            attentions.type_draft(tx, vault, clock.now(), theirs, self.COLLEAGUE, **answers)
            assert isinstance(attentions.save(tx, vault, clock.now(), theirs, self.COLLEAGUE), attentions.Saved)
        clock.advance(timedelta(seconds=1))
        return number

    LATE = WHOLE | {"detail": f"{WHOLE['detail']} <b>y dónde", "contact_name": "Otra Inventada", "to_role": "OPERADOR"}

    @pytest.mark.parametrize("verb", ["escribir", "guardar", "trasladar"])
    def test_their_words_are_added_once_and_the_rest_comes_back(self, operator, concluded, verb, db, vault):
        for _ in range(2):  # the pause in the typing, and the page that is left
            page = operator.post(f"/casos/{concluded}/{verb}", data=self.LATE).text
            assert "Lo completó quien tuvo la llamada después. Guardado como caso 1" in page
            assert "quedó agregado al caso, a su nombre" in page
            shown = page.partition("data-lost")[2].partition("</div>")[0]
            assert ">Otra Inventada</textarea>" in shown and "y dónde</textarea>" not in shown
            assert f"{WHOLE['detail']} &lt;b&gt;y dónde" in page.partition("data-later")[2].partition("</ul>")[0]
        with db.begin() as tx:
            told = [(event.kind, event.actor) for event in events_of(tx, vault, 1) if event.text == self.LATE["detail"]]
        assert told == [(EventKind.ADDED, OPERATOR)]

    def test_whoever_has_a_conflict_adds_nothing(self, operator, concluded, db, vault):
        page = operator.post(f"/casos/{concluded}/escribir", data=self.LATE | {"has_conflict": "si"}).text
        assert "quedó agregado" not in page and "y dónde</textarea>" in page.partition("data-lost")[2]
        with db.begin() as tx:
            assert "dónde" not in str([event.text for event in events_of(tx, vault, 1)])

    def test_nor_does_a_tab_left_open_by_whoever_saved_theirs(self, operator, answered, db, vault):
        number = answered()
        operator.post(f"/casos/{number}/guardar", data=WHOLE)
        page = operator.post(f"/casos/{number}/escribir", data=self.LATE).text
        assert "quedó agregado" not in page and "y dónde</textarea>" in page.partition("data-lost")[2]

    def test_where_everything_was_kept_nothing_is_said(self, operator, concluded):
        assert "data-lost" not in operator.post(f"/casos/{concluded}/escribir", data=WHOLE).text
        assert "data-lost" not in operator.get(f"/casos/{concluded}/atender").text

    def test_nor_to_who_presses_twice(self, operator, answered):
        number = answered()
        for _ in range(2):
            page = operator.post(f"/casos/{number}/guardar", data=WHOLE).text
            assert "Guardado como caso 1: pendiente" in page and "data-lost" not in page


class TestHousehold:
    """R20: the documents of the household and the bill, where the line's procedure asks for them."""

    def test_only_the_line_that_asks_has_the_fields(self, operator, answered):
        assert "DUI de las personas del hogar" in operator.get(f"/casos/{answered()}/atender").text
        assert "DUI de las personas" not in operator.get(f"/casos/{answered(room=2, line='uariv')}/atender").text

    def test_they_are_checked_kept_sealed_and_shown_to_who_asks_for_them(self, operator, answered, db):
        number = answered()
        wrong = operator.post(f"/casos/{number}/guardar", data={**WHOLE, "household": "00016297-5\n00016297-4"})
        assert wrong.status_code == 422
        assert "Revise el DUI número 2 de la lista" in wrong.text
        told = {**WHOLE, "household": "00016297-5\n04000001-6", "bill": "1234567"}
        assert operator.post(f"/casos/{number}/guardar", data=told).status_code == 200
        tray = operator.get("/casos").text
        assert "040000016" not in tray and "1234567" not in tray
        shown = operator.post("/casos/1/mostrar").text
        assert "Hogar: 000162975, 040000016" in shown and "Recibo: 1234567" in shown
        with db.begin() as tx:
            assert "case.revealed" in [each["action"] for each in audit.history(tx, "case", 1)]


class TestConflict:
    def test_a_colleague_takes_it_over(self, app, operator, as_role, answered, db, vault):
        number = answered()
        told = {**WHOLE, "has_conflict": "si", "to_role": "SUPERVISOR"}
        refused = operator.post(f"/casos/{number}/guardar", data=told)
        assert refused.status_code == 422
        assert "trasládelo a otra persona" in refused.text

        moved = operator.post(f"/casos/{number}/trasladar", data=told)
        assert "Trasladado por conflicto de interés" in moved.text
        assert "No tiene atenciones por guardar" in operator.get("/casos/por-guardar").text
        for verb in ("guardar", "escribir", "trasladar"):  # from another window, still open
            late = operator.post(f"/casos/{number}/{verb}", data={**WHOLE, "to_role": "OPERADOR"})
            assert "Trasladado por conflicto de interés" in late.text, verb

        supervisor = as_role(Role.SUPERVISOR)
        assert "Pregunta el precio" in supervisor.get("/casos/por-guardar").text
        taken = supervisor.post(f"/casos/por-guardar/{number + 1}/tomar")
        assert taken.location == f"/casos/{number + 1}/atender"
        assert supervisor.post(f"/casos/{number + 1}/guardar", data=WHOLE).status_code == 200
        history = supervisor.get("/casos/1/historia").text
        assert "Se trasladó por conflicto de interés" in history
        assert OPERATOR in history

    def test_what_came_from_me_is_not_mine_to_take(self, operator, answered):
        number = answered()
        operator.post(f"/casos/{number}/trasladar", data={**WHOLE, "to_role": "OPERADOR"})
        assert "No hay ninguna que tomar" in operator.get("/casos/por-guardar").text
        page = operator.post(f"/casos/por-guardar/{number + 1}/tomar", follow_redirects=True).text
        assert "ya la tomó otra persona" in page

    def test_to_nobody_in_particular(self, operator, answered):
        assert operator.post(f"/casos/{answered()}/trasladar", data={**WHOLE, "to_role": "ADMIN"}).status_code == 400


class TestSensitive:
    @pytest.fixture
    def case_id(self, db, vault, clock) -> int:
        with db.begin() as tx:
            return consultations.open_case(
                tx, vault, clock.now(), "D02", DUI, None, "linea131", None, "Pide orientación"
            )

    def test_only_its_roles_see_its_cases(self, operator, as_role, case_id):
        assert "Pide orientación" in as_role(Role.COORDINADOR).get("/casos").text
        assert "Pide orientación" not in operator.get("/casos").text
        assert operator.get(f"/casos/{case_id}/historia").status_code == 404
        for verb in ("mostrar", "cerrar", "elevar"):
            assert operator.post(f"/casos/{case_id}/{verb}", data={"text": "x"}).status_code == 404, verb
        assert operator.get(f"/regalias/nueva?caso={case_id}").status_code == 404

    def test_a_director_sees_what_was_escalated(self, as_role, case_id, db, vault, clock):
        director, coordinator = as_role(Role.DIRECTOR), as_role(Role.COORDINADOR)
        assert "No hay consultas pendientes" in director.get("/casos").text
        coordinator.post(f"/casos/{case_id}/elevar", data={"text": " "})
        assert "No hay consultas pendientes" in director.get("/casos").text
        coordinator.post(f"/casos/{case_id}/elevar", data={"text": "No la recibieron"})
        page = director.get("/casos").text
        assert "No la recibieron" in page
        assert "Elevar a Dirección" not in page
        director.post(f"/casos/{case_id}/cerrar", data={"text": "Se habló con la institución"})
        assert "Se habló con la institución" in director.get(f"/casos/{case_id}/historia").text

    def test_an_anonymous_one_keeps_nobody(self, app, answered, as_role, db, vault):
        browser = as_role(Role.COORDINADOR)
        number = answered("coordinador@ejemplo.gob.sv", line="linea131", is_sensitive=True)
        told = {**WHOLE, "subject": "D01", "caller_kind": "PERSONA_USUARIA", "is_anonymous": "y"}
        assert browser.post(f"/casos/{number}/guardar", data=told).status_code == 200
        page = browser.get("/casos").text
        assert "anónima" in page
        assert "••55" not in page


def test_each_role_has_the_tabs_of_its_screens(as_role):
    expected = {
        Role.OPERADOR: ["Consultas", "Por guardar", "Órdenes", "Bloqueos"],
        Role.SUPERVISOR: ["Consultas", "Por guardar", "Órdenes", "Bloqueos", "Regalías", "Calidad"],
        Role.TECNICO: ["Consultas"],
        Role.DIRECTOR: ["Consultas", "Regalías", "Calidad"],
    }
    for role, tabs in expected.items():
        page = as_role(role).get("/casos").text
        shown = page.partition("nav-tabs")[2].partition("</ul>")[0]
        assert [tab for tab in expected[Role.SUPERVISOR] if f">{tab}<" in shown] == tabs, role


def test_what_is_open_already_is_shown_before_it_is_asked_for_again(operator, answered, db, vault, clock):
    """R50: also where it came by another channel."""
    with db.begin() as tx:
        consultations.open_case(tx, vault, clock.now(), "C04", DUI, PHONE, "dgs", None, "Pregunta por su subsidio")
        tx.execute(update(case_).values(channel="WHATSAPP"))
    page = operator.get(f"/casos/{answered()}/atender").text
    assert "ya está abierta, por WhatsApp" in page
    with db.begin() as tx:
        consultations.close_case(tx, vault, clock.now(), 1, OPERATOR, "Se le explicó")
    assert "ya está abierta" not in operator.get(f"/casos/{answered()}/atender").text


class TestOpenAlready:
    """R50: what the person has open is shown before a second of the same is made, by the document that is typed too."""

    @pytest.fixture
    def waiting(self, db, vault, clock) -> int:
        """Of a person who wrote, and rings now from another telephone."""
        with db.begin() as tx:
            told = ("C01", DUI, "+50322220009", "dgs", None, "Pregunta el precio")
            number = consultations.open_case(tx, vault, clock.now(), *told)
            tx.execute(update(case_).values(channel="WHATSAPP"))
        return number

    @pytest.fixture
    def whole(self) -> dict[str, str]:
        return {**WHOLE, "document": "00016297-5"}

    def cases(self, db) -> list[int]:
        with db.begin() as tx:
            return list(tx.execute(select(case_.c.id).order_by(case_.c.id)).scalars())

    def test_as_it_is_typed(self, operator, answered, waiting, db):
        draft = answered(document=None)
        where, headers = f"/casos/{draft}/escribir", {"X-Part": "case-form"}
        assert "ya está abierta" not in operator.get(f"/casos/{draft}/atender").text
        for _ in range(2):
            page = operator.post(where, data={"document": "00016297-5"}, headers=headers).text
            assert "ya está abierta, por WhatsApp" in page and "Agregar al caso" not in page
        assert f"Agregar al caso {waiting}" in operator.post(where, data={"document": DUI, "subject": "C01"}).text
        with db.begin() as tx:
            trail = [each for each in audit.history(tx, "attention", draft) if "shown" in each["action"]]
        assert [each["facts"] for each in trail] == [{"cases": [waiting]}]

    def test_at_saving_it_is_asked_once(self, operator, answered, waiting, whole, db):
        where = f"/casos/{answered(document=None)}/guardar"
        asked = operator.post(where, data=whole)
        assert asked.status_code == 409 and "Ya hay un caso abierto de lo mismo" in asked.text
        assert self.cases(db) == [waiting]
        assert "Guardado como caso" in operator.post(where, data=whole).text
        assert len(self.cases(db)) == 2

    @pytest.mark.parametrize(("outcome", "state"), [("PENDIENTE", "PENDIENTE"), ("CERRADO", "CERRADO")])
    def test_it_is_added_to_the_one_that_waits(self, operator, answered, waiting, whole, db, vault, outcome, state):
        where = f"/casos/{answered(document=None)}/guardar"
        operator.post(where, data=whole)
        page = operator.post(where, data={**whole, "outcome": outcome, "into": waiting}).text
        assert f"Guardado como caso {waiting}" in page and self.cases(db) == [waiting]
        with db.begin() as tx:
            told = {each.kind: each.text for each in events_of(tx, vault, waiting)}
            assert told[EventKind.REPEATED] == WHOLE["detail"]
            assert tx.execute(select(case_.c.state)).scalar_one() == state

    def test_nothing_is_added_to_what_is_not_theirs(self, operator, answered, waiting, whole, db):
        other = {**whole, "document": "05193337-9", "into": waiting}
        page = operator.post(f"/casos/{answered(document=None)}/guardar", data=other).text
        assert f"Guardado como caso {waiting + 1}" in page and len(self.cases(db)) == 2

    def test_a_sensitive_line_is_told_on_no_other(self, operator, answered, waiting, office, db):
        with db.begin() as tx:
            tx.execute(update(case_).values(line="linea131"))
        page = operator.post(f"/casos/{answered(document=None)}/escribir", data={"document": DUI}).text
        assert "ya está abierta" not in page


def test_whose_matter_it_is_is_said_where_it_is_chosen_and_on_the_case(operator, answered):
    """R97."""
    draft = answered(line="issemym")
    page = operator.get(f"/casos/{draft}/atender").text
    assert 'data-when="subject=M02">Le corresponde a: <strong>Otra dependencia (informa el CATGEM)</strong>' in page
    told = {**WHOLE, "subject": "M02", "caller_kind": "CIUDADANO"}
    assert "Guardado como caso 1" in operator.post(f"/casos/{draft}/guardar", data=told).text
    assert "Otra dependencia (informa el CATGEM)</dd>" in operator.get("/casos/1/historia").text
    assert "Le corresponde a" not in operator.get(f"/casos/{answered(room=2)}/atender").text


def test_what_is_said_of_each_kind_is_beside_it_and_its_version_goes_with_the_case(operator, answered, db):
    """R5, R9, R70."""
    number = answered()
    page = operator.get(f"/casos/{number}/atender").text
    assert 'data-when="subject=C08|C10"' in page
    assert "versión 1, sin aprobar" in page
    assert "Texto de la institución aún sin aprobar: léalo como guía." in page and "Lo escribió Pregonero." in page
    operator.post(f"/casos/{number}/guardar", data=WHOLE)
    with db.begin() as tx:
        assert tx.execute(select(case_.c.script)).scalar_one() == "precios v1"


class TestToWhomItMayGo:
    """R75, R81: a tray whose people may not see the line is one where nobody sees it."""

    @pytest.fixture
    def office(self, office):
        both = (Role.SUPERVISOR, Role.PROFESIONAL_LINEA)
        lines = (a_line("dgs"), a_line("linea131", *both), a_line("uariv", Role.PROFESIONAL_LINEA))
        return replace(office, desk_lines={line.id: line for line in lines})

    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("dgs", ["OPERADOR", "SUPERVISOR", "COORDINADOR"]),
            ("linea131", ["SUPERVISOR", "PROFESIONAL_LINEA"]),
            ("uariv", ["PROFESIONAL_LINEA"]),
        ],
    )
    def test_it_goes_to_those_of_its_line_and_to_no_other(self, as_role, answered, line, offered):
        supervisor = as_role(Role.SUPERVISOR)
        every = ["OPERADOR", "SUPERVISOR", "COORDINADOR", "PROFESIONAL_LINEA"]
        for room, role in enumerate(every):
            number = answered(operator="supervisor@ejemplo.gob.sv", room=room, line=line)
            page = supervisor.get(f"/casos/{number}/atender").text
            assert [each for each in every if f'value="{each}"' in page] == offered
            told = {"has_conflict": "si", "detail": "La conozco: es de mi familia", "to_role": role}
            code = supervisor.post(f"/casos/{number}/trasladar", data=told).status_code
            assert code == (200 if role in offered else 400), role

    def test_a_professional_takes_what_another_may_not_save(self, as_role, answered):
        number = answered(operator="supervisor@ejemplo.gob.sv", line="linea131")
        told = {"has_conflict": "si", "to_role": "PROFESIONAL_LINEA"}
        as_role(Role.SUPERVISOR).post(f"/casos/{number}/trasladar", data=told)
        professional = as_role(Role.PROFESIONAL_LINEA)
        assert professional.post(f"/casos/por-guardar/{number + 1}/tomar").location == f"/casos/{number + 1}/atender"

    def test_a_gift_is_described_before_it_goes(self, operator, answered):
        told = {"has_conflict": "si", "is_gift_offered": "si", "to_role": "SUPERVISOR"}
        refused = operator.post(f"/casos/{answered()}/trasladar", data=told)
        assert refused.status_code == 422 and "Escriba qué ofrecieron" in refused.text


class TestTheTaskOfAColleague:
    def test_leads_to_where_it_waits_and_then_to_its_form(self, operator, as_role, answered):
        number = answered()
        operator.post(f"/casos/{number}/trasladar", data={**WHOLE, "has_conflict": "si", "to_role": "SUPERVISOR"})
        supervisor, new = as_role(Role.SUPERVISOR), number + 1
        page = supervisor.get("/casos/tareas").text
        assert "Atender el caso de un colega" in page and "La tomo" not in page
        assert f'href="/casos/por-guardar?despues={number}"' in page
        assert f"/casos/por-guardar/{new}/tomar" in supervisor.get(f"/casos/por-guardar?despues={number}").text
        supervisor.post(f"/casos/por-guardar/{new}/tomar")
        page = supervisor.get("/casos/tareas").text
        assert f'href="/casos/{new}/atender"' in page and "La suelto" not in page
        assert supervisor.post(f"/casos/{new}/guardar", data=WHOLE).status_code == 200
        assert "Atender el caso de un colega" not in supervisor.get("/casos/tareas").text


class TestWhatAnOperatorLeft:
    """Whoever went home for good saves nothing any more: who supervises sees that it is there, and saves it."""

    def test_is_seen_without_its_person_and_saved_by_who_supervises(self, as_role, answered, db, vault, clock):
        number = answered()
        with db.begin() as tx:
            attentions.type_draft(tx, vault, clock.now(), number, OPERATOR, detail="Pregunta por su cilindro perdido")
        clock.jump_to(clock.now() + timedelta(hours=23))
        supervisor = as_role(Role.SUPERVISOR)
        assert "relevar" not in supervisor.get("/casos/por-guardar").text
        supervisor.post(f"/casos/por-guardar/{number}/relevar")
        assert kept(db, vault, number).moved_at is None
        clock.jump_to(clock.now() + timedelta(hours=1))
        page = supervisor.get("/casos/por-guardar").text
        assert f"/casos/por-guardar/{number}/relevar" in page and "cilindro perdido" not in page
        taken = supervisor.post(f"/casos/por-guardar/{number}/relevar")
        assert taken.location == f"/casos/{number + 1}/atender"
        assert "cilindro perdido" in supervisor.get(taken.location).text
        assert "relevar" not in supervisor.get("/casos/por-guardar").text
        assert supervisor.post(f"/casos/{number + 1}/guardar", data=WHOLE).status_code == 200
        with db.begin() as tx:
            told = [(each.kind, each.actor) for each in events_of(tx, vault, 1)]
            assert tasks.open_tasks(tx, vault, roles={Role.SUPERVISOR}) == []
        assert [kind for kind, _ in told] == [EventKind.TAKEN, EventKind.OPENED]
        assert OPERATOR not in [actor for _, actor in told]

    def test_its_operator_who_comes_back_is_told(self, as_role, answered, clock):
        number = answered()
        clock.jump_to(clock.now() + timedelta(hours=25))
        as_role(Role.SUPERVISOR).post(f"/casos/por-guardar/{number}/relevar")
        late = as_role(Role.OPERADOR).post(f"/casos/{number}/guardar", data=WHOLE)
        assert "Quien supervisa lo tomó" in late.text and "no quedó guardado" in late.text

    @pytest.mark.parametrize("role", [Role.OPERADOR, Role.COORDINADOR])
    def test_is_nobody_elses_to_see(self, as_role, answered, clock, role):
        number = answered(operator="otra@ejemplo.gob.sv")
        clock.jump_to(clock.now() + timedelta(hours=25))
        browser = as_role(role)
        assert "de otras personas" not in browser.get("/casos/por-guardar").text
        assert browser.post(f"/casos/por-guardar/{number}/relevar").status_code == 403

    def test_of_a_hidden_line_it_is_not_there(self, as_role, answered, clock):
        number = answered(line="linea131")
        clock.jump_to(clock.now() + timedelta(hours=25))
        supervisor = as_role(Role.SUPERVISOR)
        assert "relevar" not in supervisor.get("/casos/por-guardar").text
        page = supervisor.post(f"/casos/por-guardar/{number}/relevar", follow_redirects=True).text
        assert "ya se guardó, o la tomó otra persona" in page
