"""Puesto: what an operator sees of their call and may do with it, and nothing of anybody else's."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cases.registers import entries
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS
from cases.tables import attention
from core.audit import audit as audit_table
from core.roles import Role
from desk import advance, promises, transfers
from desk.states import LegRole, LegState, Presence, RoomState
from desk.tables import promise
from tests.console.conftest import make_app
from tests.console.desk_builders import DUI, PHONE, Centre
from tests.console.test_case_form import WHOLE


def test_the_card_shows_what_is_known_and_masks_it(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    centre.talks()

    page = ana.sees()

    for told in ("Dirección General de Subsidios", "Atención al cliente", "+503 ••••-••34", "00•••••-•", "verificado"):
        assert told in page, told
    assert "PIN › Cambiar" in page
    assert "Salude, diga su nombre" in page  # the script of the queue
    assert "70001234" not in page and "000162975" not in page


def test_the_script_is_that_of_the_queue_that_was_asked_for(centre):
    ana = centre.arrives(Role.OPERADOR, "ana", skills=())
    room_id = centre.calls(queue="pin")
    centre.clock.advance(timedelta(seconds=6))
    advance.advance(centre.desk, centre.clock.now())
    assert centre.room(room_id).queue == "general"
    assert centre.offers() == 1
    centre.accepts(centre.leg(room_id, LegRole.OPERATOR).id)
    centre.comes_in(room_id)

    page = ana.sees()

    assert "PIN (pasó a Atención al cliente)" in page
    assert "Pregunte por qué quiere el PIN nuevo." in page and "Salude, diga su nombre" not in page

    with centre.desk.db.begin() as tx:
        now = centre.clock.now()
        transfers.to_queue(tx, centre.desk, now, room_id, ana.account_id, "general", ana.email)
    assert centre.room(room_id).asked_queue is None


def test_the_case_opens_by_itself_once_when_the_call_is_accepted(centre, db):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.calls()
    centre.offers()
    assert "El caso se abre aquí solo" in ana.sees()  # it rings

    centre.accepts(centre.leg(room_id, LegRole.OPERATOR).id)
    for _ in range(2):
        assert "Detalle de la llamada" in ana.sees()

    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(attention)).scalar() == 1


def test_after_the_call_its_case_is_still_there_to_be_saved_and_ready_makes_free(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()

    assert ana.on_call(room_id, "colgar").status_code == 204

    assert ana.state == Presence.POST_LLAMADA
    page = ana.sees()
    assert "Llamada terminada." in page and "Detalle de la llamada" in page and "Listo" in page
    assert ana.does("/puesto/estado", estado="DISPONIBLE").status_code == 204
    assert ana.state == Presence.DISPONIBLE


def test_the_padron_stays_beside_a_saved_case_as_long_as_its_caller_does(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    assert "En el padrón" in ana.sees()
    assert "Guardado como caso 1" in ana.does("/casos/1/guardar", **WHOLE).text

    assert "En el padrón" in ana.sees()
    assert "No está en el padrón." in ana.does("/casos/1/padron", who=DUI).text

    ana.on_call(room_id, "colgar")
    assert "En el padrón" not in ana.sees()
    assert ana.does("/casos/1/padron", who=DUI).status_code == 409


def test_a_case_that_was_left_unsaved_is_offered_on_the_desk(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    assert "Quedó sin guardar" not in ana.sees()  # it is before them
    ana.on_call(room_id, "colgar")
    ana.does("/puesto/estado", estado="DISPONIBLE")
    page = ana.sees()
    assert re.search(r'Quedó sin guardar el caso .*<a href="/casos/1/atender">complételo</a>', page)
    assert "Detalle de la llamada" in ana.sees("/casos/1/atender")
    centre.calls()
    centre.offers()
    assert "Quedó sin guardar" not in ana.sees()  # another one rings


def test_a_call_to_be_made_is_shown_at_its_hour(centre, db, vault, clock):
    """R87, R88: to whoever wrote that they would make it, and in a page that stands open."""
    ana, eva = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.OPERADOR, "eva")
    with db.begin() as tx:
        book, at = BOOKS[Register.DIARIA], clock.now() + timedelta(hours=2)
        told = Told("LLAMADA", clock.now(), None, at, {"what": "Quedó de traer el recibo"})
        whose = {"line": "dgs", "person": ana.email, "actor": ana.email}
        number = entries.write(tx, vault, clock.now(), book, told, **whose)
    assert "Es la hora" not in ana.sees()
    clock.advance(timedelta(hours=2))
    assert "Es la hora" in ana.sees() and f"/registros/anotaciones/{number}" in ana.sees()
    assert "Es la hora" not in eva.sees()


def test_a_break_has_its_reason_and_no_other_word_is_a_state(centre):
    """R90."""
    ana = centre.arrives(Role.OPERADOR, "ana")
    refused = ana.does("/puesto/estado", estado="DESCANSO", motivo=" ")
    assert (refused.status_code, refused.text) == (409, "Diga el motivo: su supervisor lo verá.")
    assert ana.does("/puesto/estado", estado="DESCANSO", motivo="Almuerzo").status_code == 204
    assert "Almuerzo" in ana.sees()
    assert ana.does("/puesto/estado", estado="EN_LLAMADA").status_code == 400


@pytest.mark.parametrize(
    ("name", "is_done"),
    [
        ("retener", lambda room: room.caller.wants_hold),
        ("apoyo", lambda room: room.support_since is not None),
        ("crisis", lambda room: room.is_crisis),
        ("colgar", lambda room: room.state is RoomState.ENDED),
    ],
)
def test_each_button_does_what_it_says(centre, name: str, is_done: Callable):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    assert ana.on_call(room_id, name).status_code == 204
    assert is_done(centre.room(room_id))


class TestWhatElseIsOwedToTheSameTelephone:
    """Two of a house were promised one minute: each has a call of their own, unless both are spoken with in one."""

    @pytest.fixture
    def owed(self, centre) -> Callable[..., int]:
        def owed(words: str, document: str, minutes: int = 0, phone: str = PHONE) -> int:
            now = centre.clock.now()
            told = {"due_at": now + timedelta(minutes=minutes), "line_id": "dgs", "phone": phone, "case_id": 12}
            learnt = {"words": [words], "document": document}
            with centre.desk.db.begin() as tx:
                return promises.make_for(tx, centre.desk, now, **told, made_by="luisa@ejemplo.gob.sv", learnt=learnt)

        return owed

    def states(self, centre) -> list[str]:
        with centre.desk.db.begin() as tx:
            return list(tx.execute(select(promise.c.state).order_by(promise.c.id)).scalars())

    def test_whoever_has_them_on_the_line_sees_it_and_says_that_it_was_spoken_of(self, centre, owed):
        ana = centre.arrives(Role.OPERADOR, "ana")
        room_id = centre.talks()
        number = owed("De la hija", "045678903", 10)
        owed("Del jueves", DUI, 300)
        owed("De otra casa", DUI, 1, "+50370009999")
        page = ana.sees()
        assert "También se prometió llamar a este teléfono" in page and "De la hija" in page and "caso 12" in page
        assert "Del jueves" not in page and "De otra casa" not in page
        stamp = re.search(r'data-stamp="([^"]+)"', page)
        done = {"promesa": f"{number}"}
        assert ana.does(f"/puesto/llamada/{room_id}/hablado", **done).status_code == 204
        after = ana.sees()
        assert "De la hija" not in after and stamp and stamp[1] not in after
        assert self.states(centre) == ["WITHDRAWN", "WAITING", "WAITING"]
        assert ana.does(f"/puesto/llamada/{room_id}/hablado", **done).status_code == 409

    @pytest.mark.parametrize("told", ["", "x", "99"])
    def test_nobody_ends_what_is_not_of_their_call(self, centre, owed, told):
        ana = centre.arrives(Role.OPERADOR, "ana")
        room_id = centre.talks()
        others = owed("De otra casa", DUI, 1, "+50370009999")
        beto = centre.arrives(Role.OPERADOR, "beto")
        assert ana.does(f"/puesto/llamada/{room_id}/hablado", promesa=told or f"{others}").status_code == 409
        assert beto.does(f"/puesto/llamada/{room_id}/hablado", promesa=f"{others}").status_code == 409
        assert self.states(centre) == ["WAITING"]


def test_without_a_script_a_button_comes_back_to_the_page(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    answer = ana.browser.post(f"/puesto/llamada/{room_id}/retener")
    assert (answer.status_code, answer.location) == (302, "/puesto")
    refused = ana.browser.post(f"/puesto/llamada/{room_id}/unir", follow_redirects=True)
    assert "La persona consultada todavía no contesta." in refused.text


def test_nobody_touches_the_call_of_another(centre):
    centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    beto = centre.arrives(Role.OPERADOR, "beto")
    for name in ("retener", "colgar", "apoyo", "crisis"):
        refused = beto.on_call(room_id, name)
        assert (refused.status_code, refused.text) == (409, "Esa llamada ya no es suya."), name
    assert beto.browser.get(f"/emergencia/{room_id}").status_code == 404
    assert centre.room(room_id).state is RoomState.TALKING
    assert not centre.room(room_id).is_crisis


def test_consult_merge_and_leave(centre):
    ana, beto = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.OPERADOR, "beto", state=Presence.DESCANSO)
    room_id = centre.talks()
    beto.does("/puesto/estado", estado="DISPONIBLE")
    choice = ana.sees(f"/puesto/llamada/{room_id}/a-quien?para=consultar")
    assert "beto" in choice and "Otra cola" not in choice

    assert ana.chooses(room_id, "consultar", "operador", str(beto.account_id)).status_code == 204
    assert centre.room(room_id).caller.wants_hold
    assert "marcando" in ana.sees() and "timbrando" not in ana.sees()  # the network was not asked yet
    consulted = centre.leg(room_id, LegRole.CONSULTED).id
    centre.rings(consulted)
    assert "timbrando" in ana.sees() and "marcando" not in ana.sees()
    centre.accepts(consulted)
    assert ana.on_call(room_id, "unir").status_code == 204
    assert not centre.room(room_id).caller.wants_hold
    assert ana.on_call(room_id, "dejar").status_code == 204

    assert (ana.state, beto.state) == (Presence.POST_LLAMADA, Presence.EN_LLAMADA)
    assert "+503 ••••-••34" in beto.sees()


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("numero", "123", "Ese número no se puede marcar. Revíselo."),
        ("extension", "1415", "Esa extensión no es válida en esta línea."),
        ("operador", "999999", "Esa persona no está disponible ahora."),
        ("directorio", "999999", "Esa persona ya no está en el directorio."),
        ("cola", "no_hay", "Esa cola no existe en esta línea."),
        ("pin", "otra", "Elija activar o cambiar el PIN."),
        ("algo", "", "Elija a quién llamar."),
    ],
)
def test_a_target_that_is_none_is_said_and_changes_nothing(centre, kind, value, told):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    refused = ana.chooses(room_id, "transferir", kind, value)
    assert (refused.status_code, refused.text) == (409, told)
    assert not centre.room(room_id).caller.wants_hold


def test_to_the_pin_line_with_the_document_along(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    choice = ana.sees(f"/puesto/llamada/{room_id}/a-quien?para=transferir")
    assert "Lleva el documento 00•••••-•" in choice and "opción 2, luego 2" in choice

    assert ana.chooses(room_id, "transferir", "pin", "change").status_code == 204

    assert centre.room(room_id).state is RoomState.AWAY


def test_a_telephone_of_ones_own(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    page = ana.browser.post("/puesto/telefono", data={"numero": "7000-9999"}, follow_redirects=True).text
    assert "+503 ••••-••99" in page and "70009999" not in page
    wrong = ana.browser.post("/puesto/telefono", data={"numero": "12"}, follow_redirects=True).text
    assert "Ese teléfono no sirve" in wrong and "+503 ••••-••99" in wrong
    assert "data-client" in ana.browser.post("/puesto/telefono", data={"numero": ""}, follow_redirects=True).text


def test_the_page_asks_and_is_told_only_what_changed(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    first = ana.browser.get("/puesto/vivo", headers={"X-Part": "desk"})
    stamp = ".".join(re.findall(r'data-stamp="(\w+)"', first.text))
    ask = f"/puesto/vivo?sello={stamp}&visto=1"
    assert ana.browser.get(ask).status_code == 204
    centre.calls()
    fresh = ana.browser.get(ask)
    assert fresh.status_code == 200 and "+503 ••••-••34" in fresh.text
    assert "Mi estado" not in fresh.text  # the queues alone
    assert 'id="phone-title"' not in ana.browser.get("/puesto/vivo", headers={"X-Part": "desk"}).text  # never replaced


def test_an_operator_sees_only_the_queues_that_are_theirs(centre):
    ana = centre.arrives(Role.OPERADOR, "ana", skills=())
    page = ana.sees()
    assert "Atención al cliente" in page
    assert ">PIN<" not in page


def test_a_token_is_only_made_where_there_is_a_key(centre, office):
    assert centre.arrives(Role.OPERADOR, "ana").browser.post("/puesto/token").status_code == 404


def test_an_emergency_takes_the_whole_page_and_shows_all_once_audited(centre, db):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    assert "CRISIS" in ana.sees()
    form = ana.sees(f"/emergencia/{room_id}")
    assert "Lugar exacto" in form and "70001234" not in form

    missing = ana.browser.post(f"/emergencia/{room_id}", data={"zone": "San Salvador", "place": ""})
    assert missing.status_code == 422 and "Escriba el lugar." in missing.text
    told = {"zone": "San Salvador", "place": "Calle Inventada 5", "is_safe": "no"}
    ana.browser.post(f"/emergencia/{room_id}", data=told)

    assert len(centre.room(room_id).of(LegRole.SERVICE)) == 2  # 911 and the control unit at once
    assert ana.browser.get("/puesto").location == f"/emergencia/{room_id}"
    page = ana.sees(f"/emergencia/{room_id}")
    assert "+50370001234" in page and "Calle Inventada 5" in page and "Bloqueado:" in page
    polled = ana.browser.get(f"/emergencia/{room_id}/vivo", headers={"X-Part": "desk"}).text
    assert "70001234" not in polled and "Calle Inventada" not in polled
    with db.begin() as tx:
        shown = select(func.count()).where(audit_table.c.action == "emergency.revealed")
        assert tx.execute(shown).scalar() == 1


@pytest.fixture
def emergency(centre) -> tuple:
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "San Salvador", "place": "Aquí", "is_safe": "no"})
    return ana, room_id


def test_it_ends_only_when_somebody_confirms(centre, emergency):
    ana, room_id = emergency
    where = f"/emergencia/{room_id}"
    refused = ana.does(f"{where}/terminar")
    assert refused.status_code == 409 and "Falta confirmar" in refused.text
    assert ana.does(f"{where}/forzar", motivo="porque yo lo digo").status_code == 403
    assert ana.does(f"{where}/confirmar", que="SITUACION_CONTROLADA").status_code == 204
    assert ana.does(f"{where}/terminar").status_code == 204
    assert centre.room(room_id).state is RoomState.ENDED
    assert ana.browser.get(f"{where}/vivo").headers["X-Go"] == "/puesto"


def test_a_supervisor_overrides_with_a_reason(centre, emergency):
    _, room_id = emergency
    boss = centre.arrives(Role.SUPERVISOR, "boss")
    assert boss.does(f"/emergencia/{room_id}/forzar", motivo="no").status_code == 409
    assert boss.does(f"/emergencia/{room_id}/forzar", motivo="La persona llamó de vuelta").status_code == 204
    assert centre.room(room_id).confirmed == "SUPERVISOR"


def test_the_next_number_the_place_and_whether_it_is_safe(centre, emergency):
    ana, room_id = emergency
    where = f"/emergencia/{room_id}"
    assert ana.does(f"{where}/siguiente", clase="911").status_code == 204
    assert len([leg for leg in centre.room(room_id).of(LegRole.SERVICE) if leg.kind == "911"]) == 2
    assert ana.does(f"{where}/lugar", lugar="Otra calle").status_code == 204
    assert ana.does(f"{where}/lugar", lugar=" ").status_code == 409
    assert "Otra calle" in ana.sees(where)
    assert ana.does(f"{where}/seguro", seguro="si").status_code == 204
    assert centre.room(room_id).is_safe_to_call


def test_an_emergency_that_lost_its_operator_is_open_to_any_other(centre, emergency):
    _, room_id = emergency
    beto = centre.arrives(Role.OPERADOR, "beto")
    assert beto.browser.get(f"/emergencia/{room_id}").status_code == 404
    service = centre.leg(room_id, LegRole.SERVICE)
    centre.accepts(service.id)
    centre.ends(centre.leg(room_id, LegRole.OPERATOR).id)

    assert "EMERGENCIA SIN OPERADOR" in beto.sees()
    assert "Sin operador en la línea" in beto.sees(f"/emergencia/{room_id}")
    assert beto.does(f"/emergencia/{room_id}/entrar").status_code == 204
    assert beto.state == Presence.TIMBRANDO
    centre.accepts(centre.leg(room_id, LegRole.SUPERVISOR).id)
    assert centre.room(room_id).account_id == beto.account_id
    assert centre.leg(room_id, LegRole.OPERATOR).state is LegState.JOINED


def test_a_citizen_who_dropped_is_said_in_large(centre, emergency):
    ana, room_id = emergency
    centre.accepts(centre.leg(room_id, LegRole.SERVICE).id)
    centre.ends(centre.leg(room_id, LegRole.CALLER).id)
    page = ana.sees(f"/emergencia/{room_id}")
    assert "La persona ya no está en la línea" in page and "nadie dijo que fuera seguro" in page


def test_every_call_is_registered_and_an_operator_sees_their_own(centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    ana.on_call(room_id, "colgar")
    centre.calls(phone="+50370005678")
    boss = centre.arrives(Role.SUPERVISOR, "boss")

    mine = ana.sees("/llamadas")
    assert "••34" in mine and "••78" not in mine and "Atendida" in mine
    everything = boss.sees("/llamadas")
    assert "••34" in everything and "••78" in everything and "PIN › Cambiar" in everything
    assert "••78" not in boss.sees(f"/llamadas?persona={ana.account_id}&desde=2026-11-23&hasta=2026-11-23")
    assert "Ninguna llamada así." in boss.sees("/llamadas?desde=2026-11-24")
    assert "••34" in boss.sees("/llamadas?desde=nada&final=otro&linea=no_hay&pagina=99")


def test_where_there_is_no_desk_there_is_no_page(office, parts, db, clock):
    ana = Centre(parts.world.desk, clock, make_app(replace(office, desk=None))).arrives(Role.OPERADOR, "ana")
    assert ana.browser.get("/puesto").status_code == 404


def test_the_calls_of_the_machine_alone_are_for_those_who_oversee(centre):
    marta, ana = centre.arrives(Role.SUPERVISOR, "marta"), centre.arrives(Role.OPERADOR, "ana")

    assert "Ninguna llamada así" in marta.browser.get("/llamadas/sin-persona").text
    assert ana.browser.get("/llamadas/sin-persona").status_code == 403
