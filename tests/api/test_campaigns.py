"""A program hands in a list, asks how it goes, has it approved, stops it, and takes the results away."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from api.tokens import Scope
from campaigns import conversation, results
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import attempt, campaign
from campaigns.validation import export
from core import audit
from tests.api.conftest import AREA, Program, a_formato
from tests.campaigns.builders import attempts_of, running, set_campaign, submitted

READ, SUBMIT, APPROVE, SUPERVISE, CONTROL = (
    Scope.CAMPAIGNS_READ,
    Scope.CAMPAIGNS_SUBMIT,
    Scope.CAMPAIGNS_APPROVE,
    Scope.CAMPAIGNS_SUPERVISE,
    Scope.CAMPAIGNS_CONTROL,
)


def trail(parts, campaign_id: int) -> list[tuple[str, str, str | None]]:
    with parts.db.begin() as tx:
        return [(each["actor"], each["action"], each["reason"]) for each in audit.history(tx, "campaign", campaign_id)]


def campaigns(parts) -> int:
    with parts.db.begin() as tx:
        return tx.execute(select(func.count()).select_from(campaign)).scalar_one()


def test_from_a_file_to_its_calls(parts, program, import_now):
    system = program(area=AREA)

    answer = system.send("/campaigns", a_formato(3))
    assert answer.status_code == 202, answer.text
    assert answer.json["state"] == "submitted"
    assert answer.json["filing_number"] == "CAMP-2026-0001"
    assert (answer.json["recipients"], answer.json["pending"], answer.json["checked_percent"]) == (0, 0, 0)
    where = answer.headers["Location"].removeprefix("/api/v1")

    import_now(answer.json["id"])
    status = system.get(where).json
    assert (status["state"], status["recipients"], status["pending"]) == ("under_review", 3, 3)
    assert status["waiting_because"][0]["sentence"]

    approved = system.post(f"{where}/approve", now=True, reason="lo pidió la jefatura")
    assert approved.status_code == 200, approved.text
    assert approved.json["state"] == "scheduled"
    assert ("api:SIGES", "campaign.approved", "lo pidió la jefatura") in trail(parts, status["id"])

    assert system.post(f"{where}/pause").json["state"] == "paused"
    assert system.post(f"{where}/resume").json["state"] == "running"
    assert system.post(f"{where}/cancel", reason="ya no hace falta").json["state"] == "cancelled"
    assert ("api:SIGES", "campaign.cancelled", "ya no hace falta") in trail(parts, status["id"])


def test_what_is_wrong_with_a_file_is_told_cell_by_cell(program, import_now):
    system = program()
    sent = a_formato(2, fecha_fin="20/10/2026", horario_inicio="25:00")
    number = system.send("/campaigns", sent).json["id"]
    assert system.get(f"/campaigns/{number}/observations").json == {"items": [], "next": None}  # not looked at yet

    import_now(number)

    assert system.get(f"/campaigns/{number}").json["state"] == "returned"
    told = system.get(f"/campaigns/{number}/observations").json["items"]
    assert {"E04"} <= {each["code"] for each in told}
    assert all(each["message"] and each["level"] in ("error", "aviso") for each in told)


def test_a_corrected_file_takes_the_place_of_the_returned_one(program, import_now):
    system = program()
    first = system.send("/campaigns", a_formato(2, fecha_fin="20/10/2026")).json["id"]
    import_now(first)

    second = system.send(f"/campaigns?replaces={first}", a_formato(2)).json["id"]

    import_now(second)
    assert system.get(f"/campaigns/{first}").json["state"] == "cancelled"
    assert system.get(f"/campaigns/{second}").json["state"] == "under_review"
    again = system.send(f"/campaigns?replaces={first}", a_formato(2))
    assert (again.status_code, again.json["detail"]) == (409, "Solo se corrige una campaña devuelta.")


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04 no libro", b"\x89PNG\r\n"])
def test_a_file_that_cannot_be_read_is_not_kept(parts, program, data):
    answer = program().send("/campaigns", data)
    assert answer.status_code == 422
    assert answer.json["type"].endswith("/api/problems/archivo")
    assert campaigns(parts) == 0


def test_an_area_hands_in_its_own_campaigns_and_no_others(parts, program):
    answer = program(area="Becas").send("/campaigns", a_formato())
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "file"
    assert "area_misional" in answer.json["errors"][0]["detail"]
    assert campaigns(parts) == 0


class TestIdempotency:
    def test_the_same_request_again_gets_the_same_campaign(self, parts, program):
        system = program()
        first = system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        again = system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        assert (first.status_code, again.status_code) == (202, 202)
        assert again.json["id"] == first.json["id"]
        assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
        assert campaigns(parts) == 1

    def test_at_the_same_moment_too(self, parts, app, token):
        written, data = token(), a_formato()

        def send(_: int) -> tuple[int, int]:
            answer = Program(app.test_client(), written).send("/campaigns", data, **{"Idempotency-Key": "lote-1"})
            assert answer.json
            return answer.status_code, answer.json["id"]

        with ThreadPoolExecutor(4) as senders:
            answers = set(senders.map(send, range(4)))
        assert len(answers) == 1
        assert {status for status, _ in answers} == {202}
        assert campaigns(parts) == 1

    def test_a_key_is_for_one_request(self, parts, program):
        system = program()
        system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        other = system.send("/campaigns", a_formato(4), **{"Idempotency-Key": "lote-1"})
        assert other.status_code == 422
        assert other.json["type"].endswith("/clave-repetida")
        assert campaigns(parts) == 1

    def test_a_key_is_kept_a_day(self, parts, program):
        system = program()
        system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        parts.clock.advance(timedelta(hours=23, minutes=59))
        system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        assert campaigns(parts) == 1
        parts.clock.advance(timedelta(minutes=1))
        system.send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        assert campaigns(parts) == 2

    def test_another_programs_key_is_another_key(self, parts, program):
        for name in ("uno", "dos"):
            program(name=name).send("/campaigns", a_formato(), **{"Idempotency-Key": "lote-1"})
        assert campaigns(parts) == 2

    def test_what_was_refused_may_be_sent_again_with_its_key(self, parts, program):
        system = program(area=AREA)
        key = {"Idempotency-Key": "lote-1"}
        assert system.send("/campaigns", a_formato(area_misional="Otra"), **key).status_code == 422
        assert system.send("/campaigns", a_formato(), **key).status_code == 202


class TestApproval:
    def test_without_the_permission_nothing_is_approved(self, parts, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        answer = program([READ, SUBMIT], area=AREA).post(f"/campaigns/{number}/approve", now=True, reason="x")
        assert answer.status_code == 403
        assert "campaigns:approve" in answer.json["detail"]
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
        with parts.db.begin() as tx:
            assert tx.execute(select(campaign.c.state)).scalar_one() == CampaignState.UNDER_REVIEW

    def test_what_takes_a_supervisor_takes_one_here_too(self, program, db, vault, clock):
        number = submitted(db, vault, clock, contiene_datos_sensibles="SI").id
        coordinator = program([APPROVE], name="coordina")
        assert coordinator.post(f"/campaigns/{number}/approve", reason="x").status_code == 403
        supervisor = program([APPROVE, SUPERVISE], name="supervisa")
        unsaid = supervisor.post(f"/campaigns/{number}/approve")
        assert (unsaid.status_code, unsaid.json["errors"][0]["field"]) == (422, "reason")
        assert supervisor.post(f"/campaigns/{number}/approve", reason="hay base legal").status_code == 200

    def test_a_coordinators_token_approves_what_comes_in_good_time(self, program, db, vault, clock):
        number = submitted(db, vault, clock, fecha_inicio="07/12/2026", fecha_fin="18/12/2026").id
        assert program([APPROVE]).post(f"/campaigns/{number}/approve").json["state"] == "scheduled"

    def test_twice_is_once(self, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        system = program()
        system.post(f"/campaigns/{number}/approve", now=True, reason="x")
        again = system.post(f"/campaigns/{number}/approve", now=True, reason="x")
        assert again.status_code == 409
        assert "Ya la aprobó api:SIGES" in again.json["detail"]


class TestReturn:
    def test_with_its_reason_which_whoever_asked_will_read(self, parts, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        answer = program([APPROVE]).post(f"/campaigns/{number}/return", reason="Falta la base legal")
        assert (answer.status_code, answer.json["state"]) == (200, "returned")
        assert trail(parts, number)[0] == ("api:SIGES", "campaign.returned", "Falta la base legal")

    @pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}])
    def test_without_a_reason_nothing_is_returned(self, program, db, vault, clock, body):
        system = program()
        where = f"/campaigns/{submitted(db, vault, clock).id}"
        answer = system.post(f"{where}/return", **body)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
        assert answer.json["errors"][0]["field"] == "reason"
        assert system.get(where).json["state"] == "under_review"

    def test_only_while_it_is_looked_at(self, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        system = program()
        system.post(f"/campaigns/{number}/return", reason="Falta algo")
        again = system.post(f"/campaigns/{number}/return", reason="Falta algo")
        told = "La campaña está devuelta: ya no se puede devolver. La devolvió api:SIGES."
        assert (again.status_code, again.json["detail"]) == (409, told)
        called = running(db, vault, clock, 1, 10)
        assert system.post(f"/campaigns/{called}/return", reason="Tarde").status_code == 409

    def test_it_takes_the_permission_to_approve(self, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        answer = program([READ, SUBMIT, CONTROL]).post(f"/campaigns/{number}/return", reason="x")
        assert (answer.status_code, "campaigns:approve" in answer.json["detail"]) == (403, True)


def test_what_the_state_does_not_allow_is_a_conflict(program, db, vault, clock):
    number = running(db, vault, clock)
    answer = program().post(f"/campaigns/{number}/resume")
    assert (answer.status_code, answer.json["detail"]) == (409, "La campaña no está pausada.")


class TestList:
    def test_page_by_page_the_newest_first(self, program, db, vault, clock):
        numbers = [submitted(db, vault, clock, 1, n).id for n in range(5)]
        system, found, cursor = program(), [], ""
        while True:
            page = system.get(f"/campaigns?limit=2{cursor}").json
            assert len(page["items"]) <= 2
            found += [each["id"] for each in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert found == numbers[::-1]

    def test_by_state(self, program, db, vault, clock):
        waiting, called = submitted(db, vault, clock, 1).id, running(db, vault, clock, 1, 1)
        system = program()
        assert [each["id"] for each in system.get("/campaigns?state=running").json["items"]] == [called]
        assert [each["id"] for each in system.get("/campaigns?state=under_review").json["items"]] == [waiting]


class TestAreas:
    @pytest.mark.parametrize(
        ("area", "sees"),
        [
            (AREA, True),
            ("DEPARTAMENTO DE  OPERACIONES", True),
            ("Becas", False),
            (None, True),
        ],
    )
    def test_an_area_sees_its_campaigns_and_of_others_nothing(self, program, db, vault, clock, area, sees):
        number = running(db, vault, clock)
        system = program(area=area)
        assert [each["id"] for each in system.get("/campaigns").json["items"]] == ([number] if sees else [])
        for where in ("", "/observations", "/results"):
            assert system.get(f"/campaigns/{number}{where}").status_code == (200 if sees else 404), where
        for verb in ("pause", "resume", "cancel"):
            assert system.post(f"/campaigns/{number}/{verb}").status_code == (200 if sees else 404), verb
        if not sees:
            assert system.post(f"/campaigns/{number}/approve").status_code == 404
            assert system.post(f"/campaigns/{number}/return", reason="x").status_code == 404
            assert system.send(f"/campaigns?replaces={number}", a_formato()).status_code == 404

    def test_a_reserved_campaign_is_nobodys_but_of_whom_handed_it_in(self, program, db, vault, clock, import_now):
        reserved = running(db, vault, clock)
        set_campaign(db, reserved, named_readers=["alguien@ejemplo.gob.sv"])
        system = program(name="uno")
        assert system.get("/campaigns").json["items"] == []
        assert system.get(f"/campaigns/{reserved}/results").status_code == 404
        own = system.send("/campaigns", a_formato(2, tipo_campana="TRANSACCIONES_INUSUALES", modo="OPERADOR")).json[
            "id"
        ]
        import_now(own)
        assert [each["id"] for each in system.get("/campaigns").json["items"]] == [own]
        assert program(name="dos").get(f"/campaigns/{own}").status_code == 404


class TestStatus:
    def test_it_is_not_told_again_to_whoever_has_it(self, program, db, vault, clock):
        number = submitted(db, vault, clock).id
        system = program()
        first = system.get(f"/campaigns/{number}")
        again = system.get(f"/campaigns/{number}", **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        system.post(f"/campaigns/{number}/approve", now=True, reason="x")
        changed = system.get(f"/campaigns/{number}", **{"If-None-Match": first.headers["ETag"]})
        assert (changed.status_code, changed.json["state"]) == (200, "scheduled")

    def test_a_finished_one_says_why_it_is_not_closed(self, program, db, vault, clock):
        number = running(db, vault, clock)
        system = program()
        assert system.get(f"/campaigns/{number}").json["not_closed_because"] is None
        set_campaign(db, number, state=CampaignState.FINISHED)
        told = system.get(f"/campaigns/{number}").json["not_closed_because"]
        assert told == "Falta el informe final: se está haciendo. La campaña se cierra cuando se haya enviado."

    def test_one_that_waits_for_its_answers_to_be_validated_says_so(self, program, db, vault, clock):
        number = _answered(db, vault, clock, requiere_validacion="SI")
        with db.begin() as tx:
            tx.execute(update(attempt).values(state=AttemptState.ENDED))
        told = program().get(f"/campaigns/{number}").json["waiting_because"]
        assert [each["code"] for each in told] == ["validation"]


class TestUpdates:
    """What was collected, for the systems that are to be corrected with it (R58)."""

    def test_only_what_was_accepted_or_taken(self, parts, program, db, vault, clock):
        number = _answered(db, vault, clock)
        answer = program().get(f"/campaigns/{number}/results?only_updates=true")
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        assert answer.headers["Content-Disposition"].endswith(f"datos-campana-{number}.csv")
        [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";")
        assert (row["campo"], row["valor"], row["estado"]) == ("recolectar_1", "2", "recogido")
        assert trail(parts, number)[0][:2] == ("api:SIGES", "campaign.updates_downloaded")

    def test_what_waits_to_be_validated_is_not_among_them(self, program, db, vault, clock):
        number = _answered(db, vault, clock, requiere_validacion="SI")
        answer = program().get(f"/campaigns/{number}/results?only_updates=true&format=xlsx")
        assert load_workbook(io.BytesIO(answer.data)).active.max_row == 1  # its headings

    def test_it_says_the_same_as_the_command(self, program, db, vault, clock):
        number, written = _answered(db, vault, clock), io.BytesIO()
        with db.begin() as tx:
            export.write_updates(tx, vault, number, written, "csv")
        assert program().get(f"/campaigns/{number}/results?only_updates=true").data == written.getvalue()

    def test_everything_comes_without_it(self, program, db, vault, clock):
        number, system = _answered(db, vault, clock), program()
        plain = system.get(f"/campaigns/{number}/results").data
        assert system.get(f"/campaigns/{number}/results?only_updates=false").data == plain
        assert system.get(f"/campaigns/{number}/results?only_updates=si").status_code == 422


def _answered(db, vault, clock, **fields: str) -> int:
    """A campaign of which one person left an answer."""
    number = running(db, vault, clock, 2, **fields)
    with db.begin() as tx:
        conversation.keep_collected(tx, vault, attempts_of(db, number)[0].id, {"1": "2"})
    return number


class TestResults:
    def test_as_csv_row_by_row(self, parts, program, db, vault, clock):
        number = running(db, vault, clock, 1200)
        answer = program().get(f"/campaigns/{number}/results")
        assert answer.mimetype == "text/csv"
        assert answer.headers["Content-Disposition"].endswith(f"resultados-campana-{number}.csv")
        text = answer.data.decode("utf-8-sig")
        assert "\ufeff" not in text
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        assert len(rows) == 1200
        assert [row["intentos"] for row in rows[:2]] == ["0", "0"]
        assert trail(parts, number)[0][:2] == ("api:SIGES", "campaign.results_downloaded")

    def test_as_a_workbook(self, program, db, vault, clock):
        number = running(db, vault, clock, 3)
        answer = program().get(f"/campaigns/{number}/results?format=xlsx")
        sheet = load_workbook(io.BytesIO(answer.data)).active
        assert sheet.max_row == 4

    def test_both_say_the_same_as_the_command(self, parts, program, db, vault, clock):
        number, written = running(db, vault, clock, 3), io.BytesIO()
        with parts.db.begin() as tx:
            results.write(tx, vault, number, written, "csv")
        assert program().get(f"/campaigns/{number}/results").data == written.getvalue()

    def test_one_download_after_the_other_however_many(self, program, db, vault, clock):
        number, system = running(db, vault, clock), program()
        for _ in range(4):
            with system.get(f"/campaigns/{number}/results") as answer:
                assert answer.status_code == 200

    def test_of_a_file_that_is_being_checked_there_are_none_yet(self, program):
        system = program()
        number = system.send("/campaigns", a_formato()).json["id"]
        assert system.get(f"/campaigns/{number}/results").status_code == 409
