"""The page of an emergency: the zone corrected, whom else to call, and each number that was tried in vain once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.attentions import attentions
from cases.events import events_of
from cases.tables import case_
from core import audit
from core.roles import Role
from desk import arriving, emergency, rooms, settling
from desk.arriving import Arrival
from desk.states import LegRole, LegState, Presence
from desk.tables import room
from tests.console.desk_builders import Centre, Somebody

SAN_SALVADOR, CENTRAL = "Emergencias 911, San Salvador", "Emergencias 911, central"
CONTROL = "Unidad de Control de la Inspectoría General PNC"


def begun(centre: Centre, zone: str = "") -> tuple[Somebody, int, str]:
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": zone, "place": "Aquí", "is_safe": "no"})
    return ana, room_id, f"/emergencia/{room_id}"


def ringing(centre: Centre, room_id: int) -> list[str | None]:
    return [leg.name for leg in centre.room(room_id).of(LegRole.SERVICE)]


class TestTheZone:
    def test_its_services_are_rung_at_once_and_what_both_have_rings_on(self, centre):
        ana, room_id, where = begun(centre)
        assert ringing(centre, room_id) == [CENTRAL, CONTROL]
        assert ana.does(f"{where}/zona", zona="San Salvador").status_code == 204
        assert centre.room(room_id).zone == "San Salvador"
        assert ringing(centre, room_id) == [CENTRAL, CONTROL]  # the central one is of every zone
        page = ana.sees(where)
        assert "EMERGENCIA · Línea 131 · San Salvador" in page and "Se corrigió la zona: San Salvador" in page
        assert ana.does(f"{where}/siguiente", clase="911").status_code == 204
        assert ringing(centre, room_id)[-1] in (SAN_SALVADOR, CENTRAL)

    def test_what_only_the_wrong_zone_has_is_let_go_unless_it_answered(self, centre):
        ana, room_id, where = begun(centre, "San Salvador")
        assert ringing(centre, room_id) == [SAN_SALVADOR, CONTROL]
        assert ana.does(f"{where}/zona", zona="Santa Ana").status_code == 204
        assert ringing(centre, room_id) == [CONTROL, CENTRAL]

    def test_whoever_answered_stays(self, centre):
        ana, room_id, where = begun(centre, "San Salvador")
        there = next(leg for leg in centre.room(room_id).of(LegRole.SERVICE) if leg.name == SAN_SALVADOR)
        centre.accepts(there.id)
        ana.does(f"{where}/zona", zona="Santa Ana")
        assert ringing(centre, room_id) == [SAN_SALVADOR, CONTROL, CENTRAL]

    def test_the_same_zone_changes_nothing_and_nobody_from_outside_changes_it(self, centre):
        ana, room_id, where = begun(centre, "San Salvador")
        legs = len(centre.room(room_id).legs)
        assert ana.does(f"{where}/zona", zona="San Salvador").status_code == 204
        assert len(centre.room(room_id).legs) == legs
        beto = centre.arrives(Role.OPERADOR, "beto")
        assert beto.does(f"{where}/zona", zona="Santa Ana").status_code == 404


class TestWhomElseToCall:
    def test_nobody_is_put_on_hold_and_no_music_is_spoken_of(self, centre):
        ana, room_id, _ = begun(centre)
        page = ana.sees(f"/puesto/llamada/{room_id}/a-quien?para=consultar")
        assert "Entra en esta misma llamada" in page and "Volver a la emergencia" in page
        assert "música" not in page and "espera" not in page and "Consultar" not in page
        assert "música" in TestWhomElseToCall.of_an_ordinary_call(centre)

    @staticmethod
    def of_an_ordinary_call(centre: Centre) -> str:
        beto = centre.arrives(Role.OPERADOR, "beto")
        room_id = centre.talks()
        return beto.sees(f"/puesto/llamada/{room_id}/a-quien?para=consultar")

    def test_whoever_was_called_can_be_let_go(self, centre):
        ana, room_id, where = begun(centre)
        ana.chooses(room_id, "consultar", "numero", "7000-1111")
        assert not centre.room(room_id).caller.wants_hold
        page = ana.sees(where)
        assert "Que salga Número externo" in page and "Llamar a otra persona" not in page
        assert ana.does(f"{where}/soltar").status_code == 204
        assert "Llamar a otra persona" in ana.sees(where)


class TestInVain:
    def test_the_failed_tries_of_a_number_are_one_row_with_how_many_and_the_last_hour(self, centre, clock):
        ana, room_id, where = begun(centre, "San Salvador")
        for result in ("no-answer", "busy", "no-answer"):
            clock.advance(timedelta(seconds=40))
            first = next(leg for leg in centre.room(room_id).of(LegRole.SERVICE) if leg.kind == "911")
            centre.ends(first.id, result)
            ana.does(f"{where}/siguiente", clase="911")
        page = ana.sees(where)
        assert "Emergencias 911, San Salvador: 2 intentos sin lograrlo, el último a las 10:02:00 (no contestó)" in page
        assert "Emergencias 911, central: ocupado a las 10:01:20" in page
        assert page.count('data-key="in-vain-') == 2

    def test_one_that_came_and_left_is_told_apart(self, centre, clock):
        ana, room_id, where = begun(centre, "San Salvador")
        service = centre.leg(room_id, LegRole.SERVICE)
        centre.accepts(service.id)
        assert centre.leg(room_id, LegRole.SERVICE).state is LegState.JOINED
        centre.is_heard(room_id, service.id)
        clock.advance(timedelta(seconds=90))
        centre.ends(service.id)
        assert f"{service.name}: estuvo en la línea y salió a las 10:01:30" in ana.sees(where)


def test_why_a_supervisor_unlocks_it_is_sealed_with_the_call_and_not_in_the_trail(centre):
    _, room_id, where = begun(centre)
    boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
    why = "Alguien Inventado dijo que fue un simulacro"
    assert boss.does(f"{where}/forzar", motivo=why).status_code == 204
    with centre.desk.db.begin() as tx:
        (line,) = [each for each in audit.history(tx, "room", room_id) if each["action"] == "emergency.overridden"]
        sealed = tx.execute(select(room.c.override_sealed).where(room.c.id == room_id)).scalar_one()
    assert (line["reason"], line["facts"]) == (None, {"has_reason": True})
    assert centre.desk.vault.open(sealed) == why
    assert "Se puede terminar: supervisión lo autorizó." in boss.sees(where)


def test_a_call_from_the_same_number_that_was_kept_out_is_told_at_once(centre):
    ana, room_id, where = begun(centre)
    assert "llamaron desde el mismo número" not in ana.sees(where)
    with centre.desk.db.begin() as tx:
        phone, _ = emergency.reveal(tx, centre.desk, centre.clock.now(), room_id, "test")
        arrival = Arrival("CA9", "linea131", phone, {})
        assert arriving.tell_their_emergency(tx, centre.desk, centre.clock.now(), arrival)
    page = ana.sees(where)
    assert "llamaron desde el mismo número" in page and "una llamada aparte" in page


class TestItsClosing:
    """Of one that was over before anybody confirmed it (R77): a supervisor says what became known."""

    @pytest.fixture
    def over(self, centre, db) -> tuple[Somebody, Somebody, int, str]:
        ana, room_id, where = begun(centre)
        with db.begin() as tx:
            going_on = rooms.load(tx, room_id)
            assert going_on is not None
            settling.end(tx, centre.clock.now(), going_on, "abandoned", "ivr")
        return ana, centre.arrives(Role.SUPERVISOR, "boss"), room_id, f"{where}/cierre"

    def test_the_register_leads_to_it_and_then_to_what_was_written(self, centre, over, db):
        _, boss, room_id, where = over
        assert "Cerrar: nadie la confirmó" in boss.sees("/llamadas?emergencia=1")
        told = {"what": "PATRULLA_LOCALIZO", "reason": "Llamó Marta a las 11: <b>está en casa</b>"}
        answer = boss.browser.post(where, data=told)
        assert (answer.status_code, answer.location) == (302, "/llamadas?emergencia=1")
        assert centre.room(room_id).confirmed == "PATRULLA_LOCALIZO"
        assert "nadie la confirmó" not in boss.sees("/llamadas?emergencia=1")
        page = boss.sees(where)
        assert "Llamó Marta a las 11: &lt;b&gt;está en casa&lt;/b&gt;" in page
        assert "<form" not in page.partition("<h1")[2]
        with db.begin() as tx:
            done = [each["action"] for each in audit.history(tx, "room", room_id)]
        assert done.count("emergency.reason_read") == 1

    @pytest.mark.parametrize(
        ("told", "sentence"),
        [
            ({"what": "PATRULLA_LOCALIZO", "reason": ""}, "al menos una frase"),
            ({"what": "PATRULLA_LOCALIZO", "reason": "corto"}, "al menos una frase"),
            ({"reason": "Su hermana dijo que llegó bien"}, "Elija una respuesta"),
            ({"what": "OTRA", "reason": "Su hermana dijo que llegó bien"}, "Elija una respuesta"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_changes(self, centre, over, told, sentence):
        _, boss, room_id, where = over
        answer = boss.browser.post(where, data=told)
        assert answer.status_code == 422 and sentence in answer.text
        assert centre.room(room_id).confirmed is None

    def test_it_is_a_supervisors_and_of_what_is_over(self, centre, over):
        ana, boss, room_id, where = over
        assert ana.browser.get(where).status_code == 403
        assert boss.browser.get(f"/emergencia/{centre.talks()}/cierre").status_code == 404
        told = {"what": "DESCONOCIDO", "reason": "Nadie contesta desde el lunes"}
        assert boss.browser.post(where, data=told).status_code == 302
        assert centre.room(room_id).confirmed == "SUPERVISOR"
        again = boss.browser.post(where, data=told)
        assert again.status_code == 422 and "ya se confirmó" in again.text


class TestItsCase:
    """R76, R78: what is typed on the page of the emergency is in the case, without being written twice."""

    WHOLE = {
        **{"subject": "D03", "caller_kind": "PERSONA_USUARIA", "detail": "Hay un herido frente a su casa"},
        **{"has_conflict": "no", "is_gift_offered": "no", "outcome": "CERRADO"},
    }

    def detail(self, centre: Centre) -> str:
        with centre.desk.db.begin() as tx:
            return centre.desk.vault.open(tx.execute(select(case_.c.detail_sealed)).scalar_one())

    def draft(self, centre: Centre, who: Somebody) -> attentions.Draft:
        with centre.desk.db.begin() as tx:
            (found,) = attentions.drafts_of(tx, centre.desk.vault, who.email)
        return found

    def test_the_form_is_on_the_page_and_the_place_goes_into_what_it_leaves(self, centre):
        ana, room_id, where = begun(centre, "San Salvador")
        assert "Guardar caso" in ana.sees(where)
        draft = self.draft(centre, ana)
        ana.does(f"/casos/{draft.id}/escribir", detail="Hay un herido")
        assert ana.does(f"{where}/lugar", lugar="Calle Inventada 7").status_code == 204
        assert ana.does(f"{where}/zona", zona="Santa Ana").status_code == 204
        assert self.draft(centre, ana).detail == "Hay un herido"
        assert ana.browser.post(f"/casos/{draft.id}/guardar", data=self.WHOLE).status_code == 200
        told = "Lugar de la emergencia: Calle Inventada 7 (zona Santa Ana)"
        assert self.detail(centre) == f"{self.WHOLE['detail']}\n\n{told}"

    def test_what_is_corrected_once_it_is_saved_is_in_its_history(self, centre):
        ana, room_id, where = begun(centre)
        ana.sees(where)
        ana.browser.post(f"/casos/{self.draft(centre, ana).id}/guardar", data=self.WHOLE)
        boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
        boss.does(f"{where}/lugar", lugar="Calle Inventada 9")
        with centre.desk.db.begin() as tx:
            last = events_of(tx, centre.desk.vault, 1)[-1]
        assert (last.actor, last.text) == (boss.email, "Lugar de la emergencia: Calle Inventada 9")

    def test_where_somebody_who_stays_anonymous_is_goes_nowhere(self, centre):
        """R81."""
        ana, room_id, where = begun(centre)
        ana.sees(where)
        anonymous = self.WHOLE | {"is_anonymous": "y"}
        ana.browser.post(f"/casos/{self.draft(centre, ana).id}/guardar", data=anonymous)
        ana.does(f"{where}/lugar", lugar="Calle Inventada 9")
        with centre.desk.db.begin() as tx:
            said = [event.text for event in events_of(tx, centre.desk.vault, 1)]
        assert self.detail(centre) == self.WHOLE["detail"] and "Lugar" not in str(said)

    def test_whoever_comes_in_later_has_the_place_and_a_supervisor_who_looks_writes_none(self, centre):
        ana, room_id, where = begun(centre)
        boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
        assert "Guardar caso" not in boss.sees(where)
        centre.accepts(centre.leg(room_id, LegRole.SERVICE).id)
        centre.ends(centre.leg(room_id, LegRole.OPERATOR).id)
        beto = centre.arrives(Role.OPERADOR, "beto")
        assert beto.does(f"{where}/entrar").status_code == 204
        centre.accepts(centre.leg(room_id, LegRole.SUPERVISOR).id)
        assert "Guardar caso" in beto.sees(where)
        assert self.draft(centre, beto).typed.place == "Aquí"
