"""A request from its e-mail to its approval: handed in, returned, corrected, verified, approved. And its other ends."""

import json
import re
from datetime import timedelta

import pytest
from procrastinate.jobs import Job
from sqlalchemy import func, select, text, update

from campaigns import life
from campaigns.approval import approve, verify
from campaigns.intake import jobs
from campaigns.intake import reception as room
from campaigns.intake.comparing import Comparison
from campaigns.intake.tables import intake
from campaigns.life import NotAllowed
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.tables import campaign
from core.audit import history
from core.post import post
from core.roles import Role
from demo.invent import citizen, formato
from tests.campaigns.builders import COORDINATOR, LINES
from tests.campaigns.intake.builders import (
    ADDRESS,
    AREA,
    REQUESTER,
    handed_in,
    letters,
    local,
    reception_of,
    state_of,
    work,
)


@pytest.fixture
def reception(db, vault, clock):
    return reception_of(db, vault, clock)


def trail(db, campaign_id):
    with db.begin() as tx:
        return [(each["action"], each["actor"], each["reason"]) for each in history(tx, "campaign", campaign_id)]


def give_back(db, clock, campaign_id, reason="Falta el visto bueno"):
    with db.begin() as tx:
        life.move(tx, clock.now(), campaign_id, CampaignState.RETURNED, COORDINATOR, reason)


def test_from_its_receipt_to_its_approval(db, vault, clock, reception):
    # It comes in without its legal basis: it has a number, and goes back with what is wrong.
    first = handed_in(db, vault, clock, 3, base_legal_tratamiento="")
    assert first.state == CampaignState.RETURNED
    work(reception)
    assert [(to, subject) for to, subject, _ in letters(db, vault)] == [
        (REQUESTER, "CAMP-2026-0001: recibimos su solicitud"),
        (AREA, "CAMP-2026-0001: recibimos su solicitud"),
        (REQUESTER, "CAMP-2026-0001: fue devuelta con observaciones"),
        (AREA, "CAMP-2026-0001: fue devuelta con observaciones"),
    ]
    body = letters(db, vault, "returned")[0][2]
    assert "Motivo: La solicitud tiene un error: base_legal_tratamiento." in body
    assert trail(db, first.id)[0][:2] == ("campaign.written_to", "system")
    assert ("campaign.returned", "checks", "La solicitud tiene un error: base_legal_tratamiento.") in trail(
        db, first.id
    )
    assert "Tiene hasta el sábado 28 de noviembre de 2026" in body
    assert f"{ADDRESS}/campanas/{first.id}/solicitud" in body

    # The area corrects it, takes a person away and mends another's name.
    clock.advance(timedelta(days=1))
    people = [citizen(0), citizen(2)]
    data = formato(people, fecha_inicio="01/12/2026").replace(people[1].name.encode(), b"Rosario")
    second = corrected(db, vault, clock, data, first.id)
    assert second.state == CampaignState.UNDER_REVIEW
    assert state_of(db, first.id) == CampaignState.CANCELLED
    assert work(reception).count("intake.compare") == 1
    assert letters(db, vault, "cancelled") == []  # it goes on under another number: that is no end

    with db.begin() as tx:
        kept = tx.execute(select(intake).where(intake.c.campaign_id == second.id)).one()
    made = Comparison.from_json(json.loads(vault.open(kept.comparison_sealed)))
    assert (made.added, made.removed, made.changed, made.same) == (0, 1, 1, 1)
    assert made.removed_ids == ["R-000001"]
    assert [(name, [column for column, _, _ in cells]) for name, _, cells in made.rows] == [
        ("R-000002", ["primer_nombre"])
    ]
    assert {name for name, _, _ in made.fields} == {"base_legal_tratamiento", "cantidad_registros", "fecha_inicio"}
    assert ["E14", "error", 1, 0] in [list(each) for each in made.solved]
    assert made.still_wrong == []

    # A professional verifies it, a coordinator approves it, and the area is told.
    with db.begin() as tx:
        verify(tx, clock.now(), second.id, "pro@linea.example", Role.PROFESIONAL_LINEA, "Base legal revisada")
    with db.begin() as tx:
        approve(tx, clock.now(), second.id, COORDINATOR, Role.COORDINADOR)
    work(reception)
    (to, subject, body), _ = letters(db, vault, "approved")
    assert (to, subject) == (REQUESTER, "CAMP-2026-0002: fue aprobada")
    assert "Se llamará a 2 de las personas" in body
    assert "martes 1 de diciembre de 2026" in body
    assert [line[:2] for line in trail(db, second.id) if line[1] != "system"][:4] == [
        ("campaign.planned", COORDINATOR),
        ("campaign.scheduled", COORDINATOR),
        ("campaign.approved", COORDINATOR),
        ("campaign.verified", "pro@linea.example"),
    ]


def test_a_return_says_which_rule_caused_it_and_the_requests_errors_come_first(db, vault, clock, reception):
    lines = formato([citizen(n) for n in range(20)], tipo_campana="RIFA", fecha_fin="01/11/2026").decode().split("\r\n")
    lines[-2:] = [re.sub(r"\+503\d+", "7123", line) for line in lines[-2:]]
    data = "\r\n".join(lines).encode()
    submit(db, vault, clock, LINES, AREA, "lista.csv", data)
    work(reception)
    body = letters(db, vault, "returned")[0][2]
    assert "La solicitud tiene 2 errores: tipo_campana, fecha_fin. De 20 filas, 2 tienen error: más del 5 %." in body
    looked_at = [line for line in body.splitlines() if line.startswith(("- solicitud", "- fila"))]
    of_request = [line.startswith("- solicitud") for line in looked_at]
    assert (of_request[:2], True in of_request[2:]) == ([True, True], False)


def test_rows_numbered_with_documents_are_compared_without_showing_one(db, vault, clock, reception):
    def numbered(people):
        data = formato(people, base_legal_tratamiento="")
        for each in people:
            data = data.replace(f"R-{each.number:06};".encode(), f"{each.document};".encode())
        return data

    first = corrected(db, vault, clock, numbered([citizen(0), citizen(1), citizen(2)]), None)
    changed = numbered([citizen(1), citizen(2), citizen(3)]).replace(citizen(2).name.encode(), b"Rosario")
    second = corrected(db, vault, clock, changed, first.id)
    work(reception)
    with db.begin() as tx:
        kept = tx.execute(select(intake).where(intake.c.campaign_id == second.id)).one()
    told = vault.open(kept.comparison_sealed)
    made = Comparison.from_json(json.loads(told))
    assert (made.added, made.removed, made.changed, made.same) == (1, 1, 1, 1)
    assert all(name.startswith("fila ") for name in (*made.added_ids, *made.removed_ids, made.rows[0][0]))
    assert not any(citizen(n).document in told for n in range(4))


def corrected(db, vault, clock, data, replaces):
    return submit(db, vault, clock, LINES, AREA, "corregida.csv", data, replaces)


def test_no_letter_holds_anything_of_a_person(db, vault, clock, reception):
    people = [citizen(number) for number in range(12)]
    data = formato(people).replace(people[3].phones[0].encode(), b"+50371234").replace(b"R-000005;DUI", b"R-000005;XXX")
    done = corrected(db, vault, clock, data, None)
    assert done.state == CampaignState.RETURNED
    work(reception)
    told = "\n".join(subject + body for _, subject, body in letters(db, vault))
    assert "fila" in told and "E06" in told
    for each in people:
        assert each.document not in told and each.document.replace("-", "") not in told
        assert each.surname not in told
        assert not any(phone in told or phone[4:] in told for phone in each.phones)


def test_of_a_sensitive_one_not_even_the_name_is_written(db, vault, clock, reception):
    handed_in(db, vault, clock, 1, contiene_datos_sensibles="SI", nombre_campana="Víctimas de desplazamiento")
    work(reception)
    assert letters(db, vault)
    assert not any("desplazamiento" in subject + body for _, subject, body in letters(db, vault))


def test_what_is_written_in_an_upload_makes_no_header_and_no_second_reader(db, vault, clock, reception):
    hostile = "a@x.example,b@x.example"
    handed_in(db, vault, clock, 1, correo_solicitante=hostile, nombre_campana="Aviso Bcc: c@x.example")
    work(reception)
    assert {to for to, _, _ in letters(db, vault)} == {AREA}
    assert all(subject.startswith("CAMP-2026-0001: ") and "\n" not in subject for _, subject, _ in letters(db, vault))


def test_a_job_that_is_run_twice_writes_once(db, vault, clock, reception):
    done = handed_in(db, vault, clock, 1, base_legal_tratamiento="")
    work(reception)
    before = letters(db, vault)
    for state in (CampaignState.RETURNED, CampaignState.RETURNED, CampaignState.UNDER_REVIEW):
        reception.tell(done.id, state)
    assert letters(db, vault) == before
    reception.tell(99, CampaignState.RETURNED)  # and of what is gone, nothing


class TestTheTerm:
    @pytest.fixture
    def returned(self, db, vault, clock, reception) -> int:
        """Handed in and returned on Monday the 23rd: five days, until Saturday the 28th."""
        done = handed_in(db, vault, clock, 1)
        give_back(db, clock, done.id)
        work(reception)
        return done.id

    @pytest.mark.parametrize(
        ("now", "reminders", "state"),
        [
            ("2026-11-26 23:59", 0, CampaignState.RETURNED),
            ("2026-11-27 00:00", 1, CampaignState.RETURNED),
            ("2026-11-28 23:59", 1, CampaignState.RETURNED),
            ("2026-11-29 00:00", 0, CampaignState.CANCELLED),  # nobody looked for two days: too late to remind
        ],
    )
    def test_a_reminder_the_day_before_and_then_the_end(
        self, db, vault, clock, reception, returned, now, reminders, state
    ):
        clock.jump_to(local(now))
        for _ in range(3):  # it may run as often as it likes
            reception.watch_terms()
        work(reception)
        assert len(letters(db, vault, "reminder")) == 2 * reminders  # the area's address and who uploaded it
        assert state_of(db, returned) == state
        if state == CampaignState.CANCELLED:
            reason = next(why for action, _, why in trail(db, returned) if action == "campaign.cancelled")
            assert reason == "no se corrigió hasta el sábado 28 de noviembre de 2026, el plazo que tenía"
            assert reason in letters(db, vault, "cancelled")[0][2]

    def test_where_the_job_was_lost_it_begins_when_the_area_is_told(self, db, vault, clock, reception):
        done = handed_in(db, vault, clock, 1)
        give_back(db, clock, done.id)
        with db.begin() as tx:
            tx.execute(text("delete from procrastinate_jobs"))
        clock.advance(timedelta(days=9))
        assert reception.tell_forgotten() == 1
        assert reception.tell_forgotten() == reception.watch_terms() == 0
        assert "Tiene hasta el lunes 7 de diciembre de 2026" in letters(db, vault, "returned")[0][2]
        assert len(letters(db, vault, "receipt")) == len(letters(db, vault, "returned")) == 2

    def test_one_that_cannot_be_told_of_keeps_no_other_waiting(self, db, vault, clock, reception):
        bad, good = handed_in(db, vault, clock, 1), handed_in(db, vault, clock, 2)
        for done in (bad, good):
            give_back(db, clock, done.id)
        with db.begin() as tx:
            tx.execute(update(campaign).where(campaign.c.id == bad.id).values(request_sealed=b"unreadable"))
        assert reception.tell_forgotten() == 1
        assert {subject[:14] for _, subject, _ in letters(db, vault, "returned")} == {"CAMP-2026-0002"}

    def test_the_days_are_a_setting(self, db, vault, clock):
        reception = reception_of(db, vault, clock, days=2)
        done = handed_in(db, vault, clock, 1)
        give_back(db, clock, done.id)
        work(reception)
        assert "hasta el miércoles 25 de noviembre de 2026" in letters(db, vault, "returned")[0][2]

    def test_what_was_corrected_in_time_is_left_alone(self, db, vault, clock, reception, returned):
        clock.advance(timedelta(days=2))
        second = handed_in(db, vault, clock, 2, replaces=returned, fecha_inicio="02/12/2026")
        clock.advance(timedelta(days=20))
        assert reception.watch_terms() == 0
        assert state_of(db, second.id) == CampaignState.UNDER_REVIEW

    def test_a_return_that_is_not_accepted_ends_the_request(self, db, vault, clock, reception, returned):
        with db.begin() as tx:
            room.refuse(tx, clock.now(), returned, AREA, "La lista es la correcta")
        work(reception)
        assert state_of(db, returned) == CampaignState.CANCELLED
        actions = {action: (who, why) for action, who, why in trail(db, returned)}
        assert actions["campaign.return_refused"] == (AREA, "La lista es la correcta")
        assert "no se aceptó la devolución: La lista es la correcta" in letters(db, vault, "cancelled")[0][2]
        with pytest.raises(NotAllowed), db.begin() as tx:
            room.refuse(tx, clock.now(), returned, AREA, "otra vez")


@pytest.mark.parametrize("task", [jobs.tell, jobs.compare])
@pytest.mark.parametrize(("attempts", "again"), [(0, True), (7, True), (8, False)])
def test_a_job_that_came_to_nothing_is_tried_again(task, attempts, again):
    job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name=task.name, attempts=attempts)
    assert (task.get_retry_exception(exception=OSError(), job=job) is not None) == again


def test_numbers_follow_one_another_and_begin_again_each_year(db, vault, clock):
    numbers = []
    for people in (1, 2, 3):
        if people == 3:
            clock.jump_to(local("2027-01-01 00:00"))
        done = handed_in(db, vault, clock, people, fecha_inicio="20/01/2027", fecha_fin="30/01/2027")
        with db.begin() as tx:
            query = select(campaign.c.filing_number).where(campaign.c.id == done.id)
            numbers.append(tx.execute(query).scalar_one())
    assert numbers == ["CAMP-2026-0001", "CAMP-2026-0002", "CAMP-2027-0001"]


def test_a_letter_is_part_of_the_change_it_tells_of(db, vault, clock, reception):
    done = handed_in(db, vault, clock, 1)
    work(reception)
    with pytest.raises(ZeroDivisionError), db.begin() as tx:
        life.move(tx, clock.now(), done.id, CampaignState.RETURNED, COORDINATOR, "x")
        raise ZeroDivisionError
    assert work(reception) == []
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(post).where(post.c.kind == "returned")).scalar_one() == 0
