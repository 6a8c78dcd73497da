"""The next contact at the desk: the card, the call, the questions, the outcome; and who may see which list (R43)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from campaigns import readers
from campaigns.tables import attempt, campaign
from cases.tables import work_order
from core.roles import Role
from demo.invent import citizen
from desk import calling, rooms
from desk.states import LegRole
from desk.tables import room as room_table
from tests.campaigns.builders import COORDINATOR, moment, running
from tests.console.builders import account, is_in
from tests.console.conftest import make_app
from tests.console.desk_builders import Centre, Somebody

CONTACT = "/puesto/contacto"
SID = "CA7" + "0" * 31


@pytest.fixture
def ana(centre) -> Somebody:
    return centre.arrives(Role.OPERADOR, "ana")


@pytest.fixture
def make(db, vault, clock):
    """A running campaign in mode OPERADOR."""
    return lambda people=1, **fields: running(db, vault, clock, people, modo="OPERADOR", **fields)


def card(who: Somebody) -> str:
    return who.browser.get(CONTACT, headers={"X-Part": "1"}).text


def does(who: Somebody, what: str, code: int = 200, **form: str) -> str:
    answer = who.browser.post(f"{CONTACT}/{what}", data=form, headers={"X-Part": "1"})
    assert answer.status_code == code, answer.text
    return answer.text


def in_hand(db) -> str:
    with db.begin() as tx:
        return str(tx.execute(select(attempt.c.id).order_by(attempt.c.id)).scalar())


def reach(centre: Centre, who: Somebody) -> None:
    """Both telephones are answered, as the carrier would tell it."""
    does(who, "siguiente")
    does(who, "llamar", intento=in_hand(centre.desk.db))
    both_answer(centre)


def both_answer(centre: Centre) -> None:
    """First the operator, then whom they call."""
    with centre.desk.db.begin() as tx:
        room_id = tx.execute(select(room_table.c.id)).scalar_one()
    centre.accepts(centre.leg(room_id, LegRole.OPERATOR).id)
    calling.follow(centre.desk, centre.clock.now())
    caller = centre.leg(room_id, LegRole.CALLER)
    with centre.desk.db.begin() as tx:
        rooms.change_leg(tx, caller.id, asked_at=centre.clock.now(), sid=SID)
    centre.accepts(caller.id)


def hang_up(centre: Centre) -> None:
    centre.clock.advance(timedelta(seconds=30))
    with centre.desk.db.begin() as tx:
        room_id = tx.execute(select(room_table.c.id)).scalar_one()
    centre.ends(centre.leg(room_id, LegRole.CALLER).id)


def test_the_card_is_part_of_the_desk_and_masks_the_person(ana, make):
    make()
    assert "Siguiente contacto" in ana.sees()
    does(ana, "siguiente")
    page, each = ana.sees(), citizen(0)
    for told in (
        f"{each.name} {each.surname}",
        "10•••••-•",
        "Aviso a nuevos beneficiarios",
        "Lo que se dirá",
        "Llamar",
    ):
        assert told in page, told
    for hidden in (*each.phones, each.document, each.last4, each.ddmm):
        assert hidden not in page, hidden
    assert "Comprobar" not in page  # nobody is on the line to be asked


def test_without_a_script_every_button_goes_back_to_the_desk(ana, make):
    make()
    answer = ana.browser.post(f"{CONTACT}/siguiente")
    assert (answer.status_code, answer.location) == (302, "/puesto")
    answer = ana.browser.post(f"{CONTACT}/devolver", data={"motivo": " "}, follow_redirects=True)
    assert "Escriba por qué lo devuelve." in answer.text


def test_why_it_was_put_back_is_in_its_story_for_all_but_the_area(ana, make, app, db, clock):
    campaign_id = make()
    does(ana, "siguiente")
    does(ana, "devolver", motivo="Es <b>mi tía</b>. " + "x" * 400)
    pages = {}
    for role in (Role.COORDINADOR, Role.SUPERVISOR, Role.MISIONAL):
        browser = app.test_client()
        is_in(browser, db, account(db, clock, role, COORDINATOR if role is Role.MISIONAL else ""))
        pages[role] = browser.get(f"/campanas/{campaign_id}/contactos/1").text
    for role in (Role.COORDINADOR, Role.SUPERVISOR):
        assert "lo devolvió: Es &lt;b&gt;mi tía&lt;/b&gt;. xxx" in pages[role]
        assert "x" * 301 not in pages[role]
    assert "lo devolvió." in pages[Role.MISIONAL] and "mi tía" not in pages[Role.MISIONAL]


def test_a_part_that_has_not_changed_is_not_sent_again(ana, make):
    make()
    stamp = card(ana).partition('data-stamp="')[2].partition('"')[0]
    answer = ana.browser.get(CONTACT, query_string={"sello": stamp})
    assert answer.status_code == 204
    does(ana, "siguiente")
    assert ana.browser.get(CONTACT, query_string={"sello": stamp}).status_code == 200


def test_from_the_next_contact_to_its_outcome(centre, ana, make, db):
    make()
    reach(centre, ana)
    each = citizen(0)
    assert "En la línea" in card(ana)
    assert "queda un intento" in does(ana, "verificar", pregunta="0", respuesta="9999")
    does(ana, "verificar", pregunta="0", respuesta=f"{each.ddmm[:2]}-{each.ddmm[2:]}")
    told = does(ana, "verificar", pregunta="1", respuesta=each.last4)
    assert "Persona confirmada" in told and "Lo que se dirá:" in told
    assert each.last4 not in told and each.ddmm not in told
    assert "Termine primero" in does(ana, "tipificar", 422, resultado="contacto_titular.rechaza")
    hang_up(centre)
    assert "no es una de las que se esperan" in does(
        ana, "tipificar", 422, resultado="contacto_titular.dato_recolectado", recolectar_1="9"
    )
    does(ana, "tipificar", resultado="contacto_titular.dato_recolectado", recolectar_1="1")
    assert "Ningún contacto por llamar" in card(ana)
    with db.begin() as tx:
        assert tx.execute(select(attempt.c.outcome)).scalar_one() == "contacto_titular.dato_recolectado"


def test_whoever_is_not_confirmed_is_not_told_why(centre, ana, make):
    make()
    reach(centre, ana)
    for _ in range(2):
        told = does(ana, "verificar", pregunta="0", respuesta="9999")
    assert "no diga por qué llamaba" in told
    assert "active su PIN" not in told
    hang_up(centre)
    assert does(ana, "tipificar", 422, resultado="contacto_titular.mensaje_completo")
    does(ana, "tipificar", resultado="contacto_titular.no_supera_seguridad")


@pytest.mark.parametrize(
    ("said", "orders"),
    [
        ({"cobro": "COBRO"}, 0),
        ({"cobro": "NO_RECLAMA"}, 0),
        ({"cobro": "RECLAMA", "detalle": "Se lo cobraron en otra tienda"}, 1),
        ({"cobro": "RECLAMA"}, None),
        ({}, None),
    ],
)
def test_a_claim_opens_its_order_and_nothing_is_kept_by_halves(centre, ana, make, db, said, orders):
    """R46; None: it is refused."""
    make(tipo_campana="VERIFICACION_COBRO")
    reach(centre, ana)
    for number, given in enumerate((citizen(0).ddmm, citizen(0).last4)):
        does(ana, "verificar", pregunta=str(number), respuesta=given)
    hang_up(centre)
    does(ana, "tipificar", 200 if orders is not None else 422, resultado="contacto_titular.mensaje_completo", **said)
    with db.begin() as tx:
        opened = tx.execute(select(work_order.c.opened_by)).scalars().all()
        outcome = tx.execute(select(attempt.c.outcome)).scalar_one()
    assert opened == [ana.email] * (orders or 0)
    assert (outcome is None) == (orders is None)


def test_two_operators_two_people(centre, ana, make):
    make(2)
    luz = centre.arrives(Role.OPERADOR, "luz")
    first, second = does(ana, "siguiente"), does(luz, "siguiente")
    assert f"{citizen(0).name} {citizen(0).surname}" in first
    assert f"{citizen(1).name} {citizen(1).surname}" in second
    assert "Ningún contacto" not in second


@pytest.mark.parametrize(("others", "told"), [(0, "(1)"), (98, "(99)"), (99, "(más de 99)"), (300, "(más de 99)")])
def test_how_many_wait_is_told_as_far_as_it_is_counted(ana, make, db, others, told):
    make()
    with db.begin() as tx:
        copied = ("campaign_id", "recipient_id", "phone", "due_at", "trunk")
        again = select(*(attempt.c[name] for name in copied), func.generate_series(1, others)).subquery()
        tx.execute(insert(attempt).from_select(copied, select(*(again.c[name] for name in copied))))
    assert told in card(ana)


def test_nobody_is_offered_outside_legal_hours(ana, make, clock):
    make()
    clock.jump_to(moment("2026-11-23 18:00"))
    assert "Siguiente contacto" not in card(ana)
    assert "No hay ningún contacto por llamar" in does(ana, "siguiente", 422)


def test_a_contact_of_somebody_else_is_not_called(centre, ana, make, db):
    make()
    does(ana, "siguiente")
    luz = centre.arrives(Role.OPERADOR, "luz")
    assert "ya no es suyo" in does(luz, "llamar", 422, intento=in_hand(db))


def test_a_call_of_ones_own(centre, ana):
    form = {"linea": "dgs", "numero": "7111-2222", "motivo": "seguimiento"}
    refused = ana.browser.post("/puesto/llamar", data=form | {"numero": "911"}, headers={"X-Part": "1"})
    assert refused.status_code == 422 and "no se puede marcar" in refused.text
    assert ana.browser.post("/puesto/llamar", data=form, headers={"X-Part": "1"}).status_code == 200
    assert ana.state == "TIMBRANDO"


@pytest.mark.parametrize("role", [Role.MISIONAL, Role.PROFESIONAL_LINEA, Role.TECNICO, Role.DIRECTOR])
def test_who_is_not_at_the_desk_has_no_contacts(as_role, role):
    assert as_role(role).get(CONTACT).status_code == 403


# R43


def test_whoever_handed_it_in_sees_it(as_role, make, db):
    campaign_id = make(tipo_campana="TRANSACCIONES_INUSUALES")
    with db.begin() as tx:
        tx.execute(campaign.update().values(submitted_by="profesional_linea@ejemplo.gob.sv"))
    assert as_role(Role.PROFESIONAL_LINEA).get(f"/campanas/{campaign_id}/en-vivo").status_code == 200


@pytest.mark.parametrize(("named", "code"), [("luz", 422), ("ana", 200)])
def test_only_a_named_operator_calls_for_them(centre, make, db, clock, named, code):
    campaign_id = make(tipo_campana="TRANSACCIONES_INUSUALES")
    with db.begin() as tx:
        readers.name_reader(tx, clock.now(), campaign_id, "ana", f"{named}@ejemplo.gob.sv")
    does(centre.arrives(Role.OPERADOR, "ana"), "siguiente", code)


# R75, R81


@pytest.fixture
def restricted(centre, office, clock) -> Centre:
    """The same call centre, whose line of the campaigns is for supervision alone."""
    lines = {**centre.desk.lines}
    lines["dgs"] = replace(lines["dgs"], restricted_roles=frozenset({Role.SUPERVISOR}))
    desk = replace(centre.desk, lines=lines)
    return Centre(desk, clock, make_app(replace(office, desk=desk, desk_lines=lines)))


def test_a_campaign_of_a_line_for_other_roles_is_neither_shown_nor_given(restricted, make):
    campaign_id = str(make())
    ana, boss = restricted.arrives(Role.OPERADOR, "ana"), restricted.arrives(Role.SUPERVISOR, "jefa")
    assert "Aviso a nuevos beneficiarios" not in ana.sees() and "Ningún contacto por llamar" in card(ana)
    for form in ({}, {"campana": campaign_id}):
        assert "No hay ningún contacto por llamar" in does(ana, "siguiente", 422, **form)
    assert "Aviso a nuevos beneficiarios" in card(boss)
    assert f"{citizen(0).name} {citizen(0).surname}" in does(boss, "siguiente")


def test_a_card_that_somebody_has_is_hidden_and_not_called_once_the_line_is_for_others(restricted, ana, make, db):
    make()
    assert citizen(0).surname in does(ana, "siguiente")
    same = replace(ana, browser=restricted.app.test_client())
    is_in(same.browser, db, ana.email)
    page = same.sees() + card(same)
    assert citizen(0).surname not in page and "Lo que se dirá" not in page
    refused = does(same, "llamar", 422, intento=in_hand(db))
    assert "Su rol no puede llamar desde esa línea." in refused and citizen(0).surname not in refused
    assert ana.state == "DISPONIBLE"


def test_the_live_page_says_who_calls(as_role, make):
    campaign_id = make()
    page = as_role(Role.COORDINADOR).get(f"/campanas/{campaign_id}/en-vivo").text
    assert "La llaman los operadores desde su puesto" in page
    assert "El marcador no está en marcha" not in page
