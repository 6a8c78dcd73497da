"""What came of a call: every final status, every verdict, every point a conversation can reach."""

from itertools import product

import pytest

from campaigns.outcomes import LABELS, Outcome, is_machine, outcome_of
from campaigns.states import Progress

FINAL_STATUSES = ("completed", "busy", "no-answer", "canceled", "failed")
MACHINES = ("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax")
PEOPLE = (None, "", "human", "unknown")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", "no_contacto.ocupado"),
        ("no-answer", "no_contacto.no_contesta"),
        ("canceled", "no_contacto.no_contesta"),
        ("failed", "no_contacto.fallida"),
        ("completed", "no_contacto.colgo"),
    ],
)
@pytest.mark.parametrize("answered_by", PEOPLE)
def test_nobody_spoke_with_us(status, outcome, answered_by):
    assert outcome_of(status, answered_by, None) == outcome


#: The furthest point reached → what it is called, whatever AMD believed: whoever pressed a key is a person.
REACHED = {
    Progress.PERSON: "no_contacto.colgo",
    Progress.NOT_HERE: "contacto_tercero.no_es_la_persona",
    Progress.WRONG_NUMBER: "contacto_tercero.numero_equivocado",
    Progress.PHONE_OPTED_OUT: "contacto_tercero.numero_equivocado",
    Progress.FAILED_SECURITY: "contacto_titular.no_supera_seguridad",
    Progress.VERIFIED: "no_contacto.colgo",
    Progress.MESSAGE_STARTED: "contacto_titular.mensaje_parcial",
    Progress.MESSAGE_HEARD: "contacto_titular.mensaje_completo",
    Progress.COLLECTED: "contacto_titular.dato_recolectado",
    Progress.OPTED_OUT: "contacto_titular.no_llamar",
    Progress.VOICEMAIL_LEFT: "no_contacto.buzon_con_mensaje",
}


@pytest.mark.parametrize(("progress", "outcome"), REACHED.items())
@pytest.mark.parametrize("answered_by", [*PEOPLE, *MACHINES])
@pytest.mark.parametrize("status", FINAL_STATUSES)
def test_how_far_the_conversation_came_outweighs_everything(progress, outcome, answered_by, status):
    assert outcome_of(status, answered_by, progress) == outcome


@pytest.mark.parametrize("answered_by", MACHINES)
@pytest.mark.parametrize("progress", [None, Progress.ANSWERED])
def test_a_machine_that_heard_nothing_of_ours(answered_by, progress):
    assert outcome_of("completed", answered_by, progress) == "no_contacto.buzon_sin_mensaje"


@pytest.mark.parametrize("status", FINAL_STATUSES)
@pytest.mark.parametrize("answered_by", PEOPLE)
def test_answered_but_no_key(status, answered_by):
    assert outcome_of(status, answered_by, Progress.ANSWERED) == "no_contacto.colgo"


def test_the_tables_above_leave_nothing_out():
    assert set(REACHED) | {Progress.ANSWERED} == set(Progress)
    for status, answered_by, progress in product(FINAL_STATUSES, (*PEOPLE, *MACHINES), (None, *Progress)):
        assert outcome_of(status, answered_by, progress) in Outcome


@pytest.mark.parametrize("verdict", MACHINES)
def test_a_machine_is_a_machine(verdict):
    assert is_machine(verdict)


@pytest.mark.parametrize("verdict", PEOPLE)
def test_anything_else_is_taken_for_a_person(verdict):
    assert not is_machine(verdict)


def test_every_outcome_has_words_of_its_own():
    assert set(LABELS) == set(Outcome)
    assert len(set(LABELS.values())) == len(Outcome)
    assert Outcome.BUSY.label == "Ocupado"
