"""«Cada segundo»: whose telephone each line is about, and who did it, by the names that people know."""

import re

from core.roles import Role
from desk.overflow import DUTY
from desk.rooms import add_leg, joined
from desk.states import LegRole


def test_each_telephone_and_each_person_by_name(centre, clock):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "San Salvador", "place": "Aquí", "is_safe": "no"})
    with centre.desk.db.begin() as tx:
        add_leg(tx, clock.now(), room_id, LegRole.OPERATOR, "desk", kind=DUTY, name="Teléfono de guardia")
    room = centre.room(room_id)
    services = room.of(LegRole.SERVICE)
    with centre.desk.db.begin() as tx:
        for leg in (*services, room.of(LegRole.OPERATOR)[-1]):
            joined(tx, clock.now(), room_id, leg)

    page = ana.sees(f"/emergencia/{room_id}")
    log = page.partition('class="log"')[2].partition("</ol>")[0]
    lines = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<li.*?</li>", log, re.S)]

    for service in services:
        assert f"10:00:00 {service.name}: entró a la llamada" in lines
    assert "10:00:00 Teléfono de guardia: entró a la llamada" in lines
    assert "10:00:00 Empezó la emergencia: San Salvador · ana" in lines
    for unnamed in ("Servicio de emergencia:", "Persona operadora:", "@"):
        assert unnamed not in log, unnamed
