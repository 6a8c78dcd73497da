"""A reference of the directory, by voice or by SMS with the person's leave, never by SMS on a sensitive line (R75)."""

import pytest
from sqlalchemy import select

from assembly import Parts
from cases.consultations.consultations import PendingCase, one_case, open_case
from cases.events import events_of
from core import audit
from core.post import post
from desk.directory import keeping, queries
from desk.directory.facts import Category, Facts
from desk.directory.queries import DirectoryEntry
from procedures import referring
from procedures.referring import CannotRefer
from work import text_courier

ANA, MOBILE, FIXED = "ana@ejemplo.gob.sv", "+50370001234", "+50322334455"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def case(parts: Parts, tx):
    def case(line: str = "dgs", phone: str | None = MOBILE) -> PendingCase:
        subject = "D01" if line == "linea131" else "C01"
        number = open_case(tx, parts.vault, parts.clock.now(), subject, None, phone, line, None, "Pide orientación")
        found = one_case(tx, parts.vault, number)
        assert found is not None
        return found

    return case


@pytest.fixture
def entry(parts: Parts, tx):
    def entry(
        line: str = "dgs", telephone: str | None = "+50322001234", name: str = "Clínica de atención"
    ) -> DirectoryEntry:
        facts = Facts(name, telephone=telephone, email="clinica@ejemplo.gob.sv", category=Category.SALUD_MENTAL)
        found = queries.entry(tx, keeping.add(tx, parts.clock.now(), "test", line, facts))
        assert found is not None
        return found

    return entry


def text(parts: Parts, tx, case: PendingCase, entry: DirectoryEntry, *, has_leave: bool = True) -> None:
    line = parts.lines[case.line].desk
    referring.text(tx, parts.vault, parts.clock.now(), line, case, entry, ANA, has_leave=has_leave)


def test_with_their_leave_it_goes_to_the_telephone_of_the_case_and_the_history_says_so(parts, tx, case, entry):
    of, clinic = case(), entry()
    text(parts, tx, of, clinic)
    text(parts, tx, of, clinic)
    (row,) = tx.execute(select(post)).all()
    assert (row.kind, row.line, row.case_id) == ("reference", "dgs", of.id), "once, however often it is pressed"
    assert parts.vault.open(row.to_sealed) == MOBILE
    said = text_courier(parts, "").written(row).written.body
    assert said == "Direccion General de Subsidios: su referencia es Clinica de atencion. Llame al 2200-1234."
    event = events_of(tx, parts.vault, of.id)[-1]
    assert event.text == "Aceptó recibir por SMS la referencia de Clínica de atención."
    assert event.facts == {"reference": clinic.id, "by": "SMS"}
    assert [each["action"] for each in audit.history(tx, "case", of.id)][0] == "reference.texted"


def test_without_their_leave_nothing_goes(parts, tx, case, entry):
    with pytest.raises(CannotRefer, match="Pregunte si la persona acepta"):
        text(parts, tx, case(), entry(), has_leave=False)
    assert tx.execute(select(post)).all() == []


def test_never_on_a_sensitive_line_whatever_is_sent(parts, tx, case, entry):
    of, clinic = case("linea131"), entry("linea131")
    assert referring.why_no_text(tx, parts.vault, parts.lines["linea131"].desk, of) == referring.SENSITIVE
    with pytest.raises(CannotRefer, match="viva voz"):
        text(parts, tx, of, clinic)
    referring.say(tx, parts.vault, parts.clock.now(), of, clinic, ANA)
    assert events_of(tx, parts.vault, of.id)[-1].text == "Referencia dada de viva voz: Clínica de atención."
    assert tx.execute(select(post)).all() == []


@pytest.mark.parametrize("phone", [FIXED, None])
def test_nor_to_where_no_text_arrives(parts, tx, case, entry, phone):
    with pytest.raises(CannotRefer, match="no tiene un celular"):
        text(parts, tx, case(phone=phone), entry())


def test_nor_of_another_line_nor_without_a_telephone(parts, tx, case, entry):
    of = case()
    with pytest.raises(CannotRefer, match="otra línea"):
        text(parts, tx, of, entry("issemym", "+525550001111"))
    with pytest.raises(CannotRefer, match="otra línea"):
        referring.say(tx, parts.vault, parts.clock.now(), of, entry("issemym", "+525550001111"), ANA)
    with pytest.raises(CannotRefer, match="no tiene un teléfono"):
        text(parts, tx, of, entry(telephone=None))


def test_a_short_public_number_is_told_as_it_is(parts, tx, case, entry):
    text(parts, tx, case(), entry(telephone="911", name="Emergencias"))
    assert text_courier(parts, "").written(tx.execute(select(post)).one()).written.body.endswith("Llame al 911.")
