"""Collected answers, from the call to the export: kept, counted, decided one by one or a page at once, waited for."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from campaigns import conversation, life, results
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rules.explaining import why_campaign
from campaigns.states import CampaignState
from campaigns.tables import recipient
from campaigns.validation import queries
from campaigns.validation.deciding import Which, accept_all, collected_of, decide
from campaigns.validation.export import HEADINGS, write_updates
from campaigns.validation.keeping import Verdict, is_any_waiting, waiting
from campaigns.validation.tables import collected_answer
from core.roles import Role
from dialer.calendar import finish_done_campaigns
from tests.campaigns.builders import attempts_of, campaign_row, end, people_of, put_on_the_line, running, set_campaign

ASKED = {
    "recolectar_1": "¿Recibe el subsidio?",
    "recolectar_1_opciones": "1=Sí|2=No",
    "recolectar_3": "¿Cuántas personas viven en su hogar?",
    "recolectar_3_digitos": "2",
}
VALIDATED = ASKED | {"requiere_validacion": "SI"}
ME = "laura@subsidios.example"


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    return running(db, vault, clock, 3, **VALIDATED)


@pytest.fixture
def answer(db, vault, clock):
    """Somebody on the line answers, and the call ends."""

    def answered(campaign_id: int, person: int, answers: dict[str, str], progress: str = "collected") -> int:
        attempt = attempts_of(db, campaign_id)[person]
        put_on_the_line(db, attempt.id, f"CA{attempt.id}", clock.now())
        with db.begin() as tx:
            conversation.keep_collected(tx, vault, attempt.id, answers)
        end(db, vault, clock.now(), attempt.id, "completed", progress=progress, duration_s=60)
        return people_of(db, campaign_id)[person].id

    return answered


@pytest.fixture
def says(db, vault, clock):
    """A person decides on an answer as it stands now."""

    def decided(campaign_id, recipient_id, number, to, value="", *, role=Role.PROFESIONAL_LINEA, **changes):
        with db.begin() as tx:
            shown = {(each.recipient_id, each.number): each for each in every(tx, vault, campaign_id)}
            each = shown[recipient_id, number]
            which = Which(
                **{"recipient_id": recipient_id, "number": number, "token": each.token, "was": each.state} | changes
            )
            decide(tx, vault, clock.now(), ME, role, campaign_id, which, to, value)

    return decided


def every(tx, vault, campaign_id):
    row = campaign_row(tx, campaign_id)
    asked = collected_of(vault, row)
    found = [queries.answers_listed(tx, vault, row, asked, state, limit=100) for state in Verdict]
    return [each for some in found for each in some]


def states(db, campaign_id) -> dict[str, int]:
    with db.begin() as tx:
        return {verdict.value: count for verdict, count in queries.by_state(tx, campaign_id).items()}


def updates(db, vault, campaign_id) -> list[list[str]]:
    out = io.BytesIO()
    with db.begin() as tx:
        rows = write_updates(tx, vault, campaign_id, out, "csv")
    heading, *found = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""), delimiter=";")
    assert tuple(heading) == HEADINGS
    assert rows == len(found)
    return found


def test_an_answer_waits_until_a_person_looked_at_it(db, vault, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1", "3": "04"})
    assert states(db, campaign_id) == {"waiting": 2}
    says(campaign_id, ana, 1, Verdict.ACCEPTED)
    says(campaign_id, ana, 3, Verdict.CORRECTED, " 05 ")
    assert states(db, campaign_id) == {"accepted": 1, "corrected": 1}
    with db.begin() as tx:
        corrected = next(each for each in every(tx, vault, campaign_id) if each.state == Verdict.CORRECTED)
    assert (corrected.given, corrected.value, corrected.decided_by) == ("04", "05", ME)
    assert corrected.record == "R-000000" and "•" in corrected.document


def test_whoever_validates_sees_no_document_where_the_area_numbers_its_rows_with_them(db, vault, campaign_id, answer):
    answer(campaign_id, 0, {"1": "1"})
    person = people_of(db, campaign_id)[0]
    data = json.loads(vault.open(person.data_sealed))
    data["cells"][0] = data["cells"][2]
    with db.begin() as tx:
        tx.execute(
            update(recipient).where(recipient.c.id == person.id).values(data_sealed=vault.seal(json.dumps(data)))
        )
        (shown,) = every(tx, vault, campaign_id)
    assert shown.record == f"fila {person.row}"


@pytest.mark.parametrize(
    ("number", "value", "problem"),
    [
        (1, "3", "una de las opciones"),
        (1, "", "una de las opciones"),
        (3, "5", "2 cifras"),
        (3, "=1+1", "2 cifras"),
        (3, "٠٥", "2 cifras"),
    ],
)
def test_a_correction_is_an_answer_to_its_question(db, campaign_id, answer, says, number, value, problem):
    ana = answer(campaign_id, 0, {"1": "1", "3": "04"})
    with pytest.raises(NotAllowed, match=problem):
        says(campaign_id, ana, number, Verdict.CORRECTED, value)
    assert states(db, campaign_id) == {"waiting": 2}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.PROFESIONAL_LINEA, True),
        (Role.COORDINADOR, True),
        (Role.SUPERVISOR, True),
        (Role.DIRECTOR, True),
        (Role.ADMIN, True),
        (Role.MISIONAL, False),
        (Role.OPERADOR, False),
        (Role.TECNICO, False),
    ],
)
def test_who_may_validate(db, campaign_id, answer, says, role, may):
    ana = answer(campaign_id, 0, {"1": "1"})
    if may:
        says(campaign_id, ana, 1, Verdict.ACCEPTED, role=role)
    else:
        with pytest.raises(NotAllowed, match="no valida"):
            says(campaign_id, ana, 1, Verdict.ACCEPTED, role=role)


def test_of_two_people_at_once_the_second_is_told(db, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1"})
    says(campaign_id, ana, 1, Verdict.REJECTED)
    with pytest.raises(NotAllowed, match=f"Ya lo decidió {ME}: rechazado"):
        says(campaign_id, ana, 1, Verdict.ACCEPTED, was=Verdict.WAITING)
    says(campaign_id, ana, 1, Verdict.ACCEPTED)  # whoever sees how it stands may change it
    assert states(db, campaign_id) == {"accepted": 1}


def test_what_the_person_changed_has_to_be_looked_at_again(db, vault, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1"}, progress="not_here")
    says(campaign_id, ana, 1, Verdict.ACCEPTED)
    attempt = attempts_of(db, campaign_id)[-1]
    with db.begin() as tx:
        conversation.keep_collected(tx, vault, attempt.id, {"1": "1"})
    assert states(db, campaign_id) == {"accepted": 1}  # the same again changes nothing
    with db.begin() as tx:
        before = next(each.token for each in every(tx, vault, campaign_id))
        conversation.keep_collected(tx, vault, attempt.id, {"1": "2"})
    assert states(db, campaign_id) == {"waiting": 1}
    with pytest.raises(NotAllowed, match="otra cosa"):
        says(campaign_id, ana, 1, Verdict.ACCEPTED, token=before)


def test_a_page_at_once_takes_only_what_was_shown(db, vault, clock, campaign_id, answer, says):
    ana, eva = (answer(campaign_id, person, {"1": "1"}) for person in (0, 1))
    with db.begin() as tx:
        shown = [Which(each.recipient_id, each.number, each.token) for each in every(tx, vault, campaign_id)]
    says(campaign_id, eva, 1, Verdict.REJECTED)
    luz = answer(campaign_id, 2, {"1": "1"})
    with db.begin() as tx:
        done = accept_all(
            tx, clock.now(), ME, Role.COORDINADOR, campaign_id, [*shown, shown[0], Which(luz, 1, "other")]
        )
    assert done == 1
    assert states(db, campaign_id) == {"waiting": 1, "accepted": 1, "rejected": 1}
    assert ana != eva


def test_it_does_not_finish_while_answers_wait(db, vault, clock, campaign_id, answer, says):
    people = [answer(campaign_id, person, {"1": "1"}) for person in range(3)]
    finish_done_campaigns(db, clock.now())
    with db.begin() as tx:
        assert life.state_of(tx, campaign_id) == CampaignState.RUNNING
        (why,) = why_campaign(tx, clock.now(), campaign_row(tx, campaign_id))
    assert (why.code, why.sentence) == ("validation", "Ya se llamó a todos. Quedan 3 datos por validar.")
    for recipient_id in people[:2]:
        says(campaign_id, recipient_id, 1, Verdict.ACCEPTED)
    with db.begin() as tx:
        (why,) = why_campaign(tx, clock.now(), campaign_row(tx, campaign_id))
        assert why.sentence.endswith("Queda 1 dato por validar.")
    says(campaign_id, people[2], 1, Verdict.REJECTED)
    finish_done_campaigns(db, clock.now())
    with db.begin() as tx:
        assert life.state_of(tx, campaign_id) == CampaignState.FINISHED
    with pytest.raises(NotAllowed, match="ya no se validan"):
        says(campaign_id, people[2], 1, Verdict.ACCEPTED)


def test_nor_when_its_period_is_over(db, vault, clock, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1"})
    clock.advance(timedelta(days=60))
    finish_done_campaigns(db, clock.now())
    with db.begin() as tx:
        assert life.state_of(tx, campaign_id) == CampaignState.RUNNING
        assert [why.code for why in why_campaign(tx, clock.now(), campaign_row(tx, campaign_id))] == ["validation"]
    assert [person.outcome for person in people_of(db, campaign_id)][1:] == ["no_marcable.vencido"] * 2
    says(campaign_id, ana, 1, Verdict.ACCEPTED)
    finish_done_campaigns(db, clock.now())
    with db.begin() as tx:
        assert life.state_of(tx, campaign_id) == CampaignState.FINISHED


def test_where_nothing_is_to_be_validated_nothing_waits(db, vault, clock, answer, says):
    campaign_id = running(db, vault, clock, 1, **ASKED)
    ana = answer(campaign_id, 0, {"1": "2", "3": "11"})
    assert states(db, campaign_id) == {"taken": 2}
    with pytest.raises(NotAllowed, match="no pide validar"):
        says(campaign_id, ana, 1, Verdict.ACCEPTED)
    finish_done_campaigns(db, clock.now())
    with db.begin() as tx:
        assert life.state_of(tx, campaign_id) == CampaignState.FINISHED
    assert [row[2:7] for row in updates(db, vault, campaign_id)] == [
        ["recolectar_1", "¿Recibe el subsidio?", "2", "No", "recogido"],
        ["recolectar_3", "¿Cuántas personas viven en su hogar?", "11", "", "recogido"],
    ]


def test_only_what_was_accepted_or_corrected_is_exported(db, vault, campaign_id, answer, says):
    ana, eva = (answer(campaign_id, person, {"1": "1", "3": "02"}) for person in (0, 1))
    answer(campaign_id, 2, {"1": "1"})
    says(campaign_id, ana, 1, Verdict.ACCEPTED)
    says(campaign_id, ana, 3, Verdict.CORRECTED, "12")
    says(campaign_id, eva, 1, Verdict.REJECTED)
    accepted, corrected = updates(db, vault, campaign_id)
    assert accepted[0] == "R-000000" and accepted[2:8] == [
        *("recolectar_1", "¿Recibe el subsidio?", "1", "Sí", "aceptado", ME)
    ]
    assert corrected[4:8] == ["12", "", "corregido", ME]
    assert accepted[8] == corrected[8] and accepted[8].endswith("-06:00")


def test_the_results_have_what_holds(db, vault, campaign_id, answer, says):
    ana, eva, luz = (answer(campaign_id, person, {"1": "1", "3": "02"}) for person in range(3))
    says(campaign_id, ana, 3, Verdict.CORRECTED, "12")
    says(campaign_id, eva, 1, Verdict.REJECTED)
    says(campaign_id, luz, 1, Verdict.ACCEPTED)
    out = io.BytesIO()
    with db.begin() as tx:
        results.write(tx, vault, campaign_id, out, "csv")
    heading, *rows = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline=""), delimiter=";")
    assert heading[-2:] == ["recolectar_1", "recolectar_3"]
    assert [row[-2:] for row in rows] == [["1", "12"], ["", "02"], ["1", "02"]]


def test_text_of_a_request_is_never_a_formula(db, vault, clock, answer):
    campaign_id = running(
        db, vault, clock, 1, **{"recolectar_1": "=HYPERLINK(1)", "recolectar_1_opciones": "1==1+1|2=@x"}
    )
    answer(campaign_id, 0, {"1": "1"})
    ((_, _, _, question, _, meaning, *_),) = updates(db, vault, campaign_id)
    assert (question, meaning) == ("'=HYPERLINK(1)", "'=1+1")


def test_the_answers_are_counted_without_being_opened(db, vault, campaign_id, answer, says):
    ana, _eva, _luz = (
        answer(campaign_id, n, {"1": key, "3": size})
        for n, (key, size) in enumerate((("1", "04"), ("2", "04"), ("1", "11")))
    )
    says(campaign_id, ana, 1, Verdict.REJECTED)
    says(campaign_id, ana, 3, Verdict.CORRECTED, "11")
    with db.begin() as tx:
        first, second = queries.counted(tx, vault, campaign_id, collected_of(vault, campaign_row(tx, campaign_id)))
    assert (first.answers, first.answered, first.rejected) == ([("Sí", 1), ("No", 1)], 2, 1)
    assert second.answers == [("04", 1), ("11", 2)]


def test_an_answer_accepted_after_all_is_counted_as_it_was_said(db, vault, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1", "3": "04"})
    for to, value in ((Verdict.CORRECTED, "11"), (Verdict.REJECTED, ""), (Verdict.ACCEPTED, "")):
        says(campaign_id, ana, 3, to, value)
    with db.begin() as tx:
        _, second = queries.counted(tx, vault, campaign_id, collected_of(vault, campaign_row(tx, campaign_id)))
    assert (second.answers, second.rejected) == ([("04", 1)], 0)


def test_what_outlives_an_answer_says_nothing_of_the_person(db, vault, clock, answer):
    asked = {"recolectar_1": "¿Con qué teléfono?", "recolectar_1_opciones": "", "recolectar_1_digitos": "8"}
    campaign_id = running(db, vault, clock, 2, **asked)
    for person, phone in enumerate(("71112222", "72223333")):
        answer(campaign_id, person, {"1": phone})
    with db.begin() as tx:
        kept = tx.execute(select(collected_answer.c.given_print, collected_answer.c.stands_print)).all()
    assert len({bytes(row.given_print) for row in kept}) == 2
    assert len({bytes(row.stands_print) for row in kept}) == 1


def test_data_of_a_person_are_not_counted_one_by_one(db, vault, clock, answer):
    asked = {"recolectar_1": "¿Con qué teléfono?", "recolectar_1_opciones": "", "recolectar_1_digitos": "8"}
    campaign_id = running(db, vault, clock, 1, **asked)
    answer(campaign_id, 0, {"1": "71112222"})
    with db.begin() as tx:
        (only,) = queries.counted(tx, vault, campaign_id, collected_of(vault, campaign_row(tx, campaign_id)))
    assert (only.answers, only.answered) == ([], 1)


def test_an_unknown_campaign(db, vault, clock):
    with db.begin() as tx, pytest.raises(NoSuchCampaign):
        accept_all(tx, clock.now(), ME, Role.COORDINADOR, 9, [])
    with db.begin() as tx, pytest.raises(NoSuchCampaign):
        write_updates(tx, vault, 9, io.BytesIO(), "csv")
    with db.begin() as tx:
        assert waiting(tx, 9) == 0


def test_a_cancelled_campaign_keeps_what_it_brought(db, vault, clock, campaign_id, answer, says):
    ana = answer(campaign_id, 0, {"1": "1"})
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, "ana", "fue un error")
    says(campaign_id, ana, 1, Verdict.ACCEPTED)
    assert len(updates(db, vault, campaign_id)) == 1
    set_campaign(db, campaign_id, state=CampaignState.CLOSED)
    with pytest.raises(NotAllowed, match="cerrada"):
        says(campaign_id, ana, 1, Verdict.REJECTED)


@pytest.mark.parametrize("state", ["waiting", "accepted"])
def test_whether_an_answer_waits_is_known_without_counting_those_that_do(db, answer, campaign_id, state):
    """Asked each second of every campaign that runs."""
    answer(campaign_id, 0, {"1": "1"})
    many = """
        insert into collected_answer (recipient_id, number, campaign_id, given_print, stands_print, state)
        select recipient_id, 100 + n, campaign_id, given_print, stands_print, :state
        from collected_answer, generate_series(1, 20000) n
    """
    read = """
        select sum(pg_stat_get_xact_tuples_returned(oid)) from pg_class where oid = 'collected_answer'::regclass
            or oid in (select indexrelid from pg_index where indrelid = 'collected_answer'::regclass)
    """
    with db.begin() as tx:
        tx.execute(text(many), {"state": state})
        tx.execute(update(collected_answer).where(collected_answer.c.number < 100).values(state=state))
    with db.begin() as tx:
        tx.execute(text("analyze collected_answer"))
    with db.begin() as tx:
        before = tx.execute(text(read)).scalar_one()
        assert is_any_waiting(tx, campaign_id) is (state == "waiting")
        assert tx.execute(text(read)).scalar_one() - before < 100
