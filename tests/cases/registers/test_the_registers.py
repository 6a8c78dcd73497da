"""The registers of a day's work: what is written, corrected, looked for and promised (R71, R84, R86–R89)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import ProgrammingError

from cases import tasks
from cases.consultations import consultations
from cases.registers import authority, entries, erasing, listing, resources
from cases.registers.authority import AuthorityState, NotOpen
from cases.registers.books import Register, Told, Written, read
from cases.registers.entries import BOOKS, AlreadyCorrected, NoSuchEntry
from cases.registers.listing import TooLong, Wanted
from cases.registers.tables import register_entry, register_step
from cases.tasks import TaskKind
from core import audit
from core.person import ERASED, LAPSED
from tests.cases.conftest import ANA, DUI, LUISA

DAILY, FIELD, EVENTS, STEPS = (BOOKS[each] for each in Register)
NOW = datetime.fromisoformat("2026-11-23T10:00:00-06:00")

#: An entry of each register as somebody types it, whole.
TYPED = {
    Register.DIARIA: Written("LLAMADA", NOW, texts={"what": "Orienté sobre una denuncia"}),
    Register.CAMPO: Written(
        "ACOMPANAMIENTO",
        NOW - timedelta(hours=3),
        NOW - timedelta(hours=1),
        texts={"place": "Fiscalía", "companions": "Con la persona y su hermana", "result": "Denuncia presentada"},
    ),
    Register.EVENTOS: Written(
        "TALLER",
        NOW - timedelta(hours=3),
        NOW - timedelta(hours=1),
        texts={"subject": "Prevención", "place": "Secundaria 8", "audience": "Alumnado", "reached": "40"},
    ),
    Register.GESTIONES: Written(
        "OFICIO",
        NOW - timedelta(days=2),
        texts={"number": "OF-123/2026", "authority": "Fiscalía de la Zona Norte", "asked": "Copia de la carpeta"},
    ),
}


@pytest.fixture
def write(tx, vault, clock):
    """Writes an entry of a register; its number."""

    def write(book, *, line="ciudadana", person=ANA, corrects=None, case_id=None, once=None, **other):
        told = read(book, replace(TYPED[book.register], **other), clock.now())
        assert isinstance(told, Told), told
        whose = {"line": line, "person": person, "actor": person, "once": once}
        return entries.write(tx, vault, clock.now(), book, told, case_id=case_id, corrects=corrects, **whose)

    return write


class TestWhatIsTyped:
    @pytest.mark.parametrize("book", BOOKS.values(), ids=lambda book: book.register)
    def test_all_of_it_is_right(self, book):
        assert isinstance(read(book, TYPED[book.register], NOW), Told)

    @pytest.mark.parametrize(
        ("book", "change", "field"),
        [
            (DAILY, {"kind": "OFICIAL"}, "kind"),
            (DAILY, {"at": None}, "at"),
            (DAILY, {"at": NOW + timedelta(hours=1)}, "at"),
            (DAILY, {"at": NOW - timedelta(days=400)}, "at"),
            (DAILY, {"texts": {"what": "  "}}, "what"),
            (DAILY, {"texts": {"what": "x" * 2001}}, "what"),
            (DAILY, {"follow_up_at": NOW - timedelta(hours=1)}, "follow_up_at"),
            (FIELD, {"ended_at": NOW - timedelta(hours=4)}, "ended_at"),
            (FIELD, {"ended_at": NOW + timedelta(hours=4)}, "ended_at"),
            (FIELD, {"texts": {"place": "x", "result": "y"}}, "companions"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, book, change, field):
        found = read(book, replace(TYPED[book.register], **change), NOW)
        assert isinstance(found, list)
        assert [each.field for each in found] == [field]

    @pytest.mark.parametrize("reached", ["", "muchas", "-4", "4.5", "٤", "9999999"])
    def test_people_are_counted_in_whole_numbers(self, reached):
        texts = {**TYPED[Register.EVENTOS].texts, "reached": reached}
        found = read(EVENTS, replace(TYPED[Register.EVENTOS], texts=texts), NOW)
        assert isinstance(found, list)
        assert [each.field for each in found] == ["reached"]

    def test_an_event_may_have_no_notes_and_a_day_no_end(self):
        assert isinstance(read(EVENTS, replace(TYPED[Register.EVENTOS], ended_at=None), NOW), Told)


class TestWhatIsWritten:
    @pytest.mark.parametrize("book", BOOKS.values(), ids=lambda book: book.register)
    def test_it_is_read_again_as_it_was_written(self, book, write, tx, vault, clock):
        case_id = consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", DUI, None, "dgs", None)
        number = write(book, case_id=case_id)
        entry = entries.one(tx, vault, book, number)
        typed = TYPED[book.register]
        assert (entry.kind, entry.at, entry.ended_at) == (typed.kind, typed.at, typed.ended_at)
        assert {name: text for name, text in entry.texts.items() if text} == typed.texts
        assert (entry.line, entry.person, entry.case_id, entry.corrects) == ("ciudadana", ANA, case_id, None)
        assert audit.history(tx, "register", number)[0]["facts"]["register"] == book.register

    def test_what_may_be_somebodys_is_not_in_clear(self, write, tx):
        write(FIELD)
        (row,) = tx.execute(select(register_entry)).all()
        assert "hermana" not in str(row._mapping)

    def test_a_form_that_is_sent_twice_is_one_entry(self, write, clock):
        first = write(DAILY, once="un formulario")
        clock.advance(timedelta(hours=2))
        assert write(DAILY, once="un formulario") == first
        correction = write(DAILY, corrects=first, once="el de corregir")
        assert write(DAILY, corrects=first, once="el de corregir") == correction

    def test_the_same_words_of_another_form_are_another_entry(self, write):
        assert len({write(DAILY, once="uno"), write(DAILY, once="otro"), write(DAILY), write(DAILY)}) == 4

    def test_a_form_that_is_gone_back_to_and_changed_is_another_entry(self, write, tx, vault, clock):
        case_id = consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", DUI, None, "dgs", None)
        tomorrow = NOW + timedelta(days=1)
        others = {"case_id": case_id, "follow_up_at": tomorrow, "person": LUISA, "texts": {"what": "Otra"}}
        changed = {write(DAILY, once="uno", **{name: value}) for name, value in others.items()}
        assert len({write(DAILY, once="uno"), *changed}) == 5
        ended = {write(FIELD, once="otro", ended_at=NOW - timedelta(minutes=minutes)) for minutes in (30, 60)}
        assert len(ended) == 2

    def test_it_is_not_told_of_a_line_that_is_hidden_nor_in_another_register(self, write, tx, vault):
        number = write(DAILY, line="linea131")
        with pytest.raises(NoSuchEntry):
            entries.one(tx, vault, DAILY, number, hidden_lines={"linea131"})
        with pytest.raises(NoSuchEntry):
            entries.one(tx, vault, FIELD, number)

    @pytest.mark.parametrize(
        "statement",
        [
            update(register_entry).values(kind="OTRA"),
            update(register_entry).values(told_sealed=b"other"),
            update(register_entry).values(told_sealed=None),
            delete(register_entry),
            text("truncate register_entry cascade"),
        ],
        ids=["kind", "words", "words gone and nobody says so", "deleted", "emptied"],
    )
    def test_the_database_refuses_to_edit_it_away(self, write, tx, statement):
        write(DAILY)
        with pytest.raises(ProgrammingError, match="a register is only added to"):
            tx.execute(statement)

    @pytest.mark.parametrize(("by", "why"), [("admin", ERASED), ("system", LAPSED)])
    def test_what_is_somebodys_may_be_erased_and_the_entry_says_why(self, write, tx, vault, clock, by, why):
        number, step = write(FIELD), write(STEPS)
        noted(tx, vault, clock, step, AuthorityState.EN_TRAMITE)
        erasing.erase(tx, clock.now(), [number, step], by)
        entry = entries.one(tx, vault, FIELD, number)
        assert entry.erased == why
        assert {each.text for each in authority.steps_of(tx, vault, [step])[step]} == {why}
        assert set(entry.texts.values()) == {""}


class TestCorrections:
    def test_both_are_shown_and_each_says_which_is_which(self, write, tx, vault):
        first = write(DAILY)
        second = write(DAILY, corrects=first, texts={"what": "Orienté sobre una queja"})
        found = listing.page(tx, vault, Wanted(DAILY))
        assert {(each.id, each.corrects, each.corrected_by) for each in found} == {
            (first, None, second),
            (second, first, None),
        }
        chain = entries.chain_of(tx, vault, entries.one(tx, vault, DAILY, first))
        assert [each.texts["what"] for each in chain] == ["Orienté sobre una denuncia", "Orienté sobre una queja"]

    def test_one_is_corrected_once(self, write):
        first = write(DAILY)
        write(DAILY, corrects=first)
        with pytest.raises(AlreadyCorrected):
            write(DAILY, corrects=first)

    def test_a_step_goes_on_where_the_corrected_one_stood(self, write, tx, vault, clock):
        first = write(STEPS)
        noted(tx, vault, clock, first, AuthorityState.ENTREGADA)
        second = write(STEPS, corrects=first)
        assert entries.one(tx, vault, STEPS, second).state is AuthorityState.ENTREGADA
        assert entries.one(tx, vault, STEPS, first).state is None
        with pytest.raises(NotOpen):
            noted(tx, vault, clock, first, AuthorityState.CERRADA)


def noted(tx, vault, clock, number, state, follow_up_at=None, text="Recibido en ventanilla"):
    told = {"text": text, "state": state, "follow_up_at": follow_up_at}
    authority.note_step(tx, vault, clock.now(), number, ANA, **told)


class TestWhatIsPromised:
    """R87, R88: a promised call is somebody's task at its hour."""

    @pytest.mark.parametrize(
        ("book", "kind"), [(DAILY, TaskKind.FOLLOW_UP), (FIELD, TaskKind.FOLLOW_UP), (STEPS, TaskKind.AUTHORITY)]
    )
    def test_it_is_a_task_of_who_promised(self, book, kind, write, tx, vault, clock):
        by = clock.now() + timedelta(days=2)
        number = write(book, follow_up_at=by)
        (task,) = tasks.open_tasks(tx, vault)
        assert (task.kind, task.about, task.due_at, task.to_person) == (kind, number, by, ANA)
        assert "denuncia" not in (task.words or "").lower()

    def test_two_promises_are_two_tasks(self, write, tx, vault, clock):
        by = clock.now() + timedelta(days=2)
        write(DAILY, follow_up_at=by)
        write(FIELD, follow_up_at=by)
        assert len(tasks.open_tasks(tx, vault)) == 2

    def test_a_correction_takes_the_promise_over(self, write, tx, vault, clock):
        first = write(DAILY, follow_up_at=clock.now() + timedelta(days=2))
        second = write(DAILY, corrects=first, follow_up_at=clock.now() + timedelta(days=3))
        assert [task.about for task in tasks.open_tasks(tx, vault)] == [second]
        write(DAILY, corrects=second)
        assert tasks.open_tasks(tx, vault) == []

    def test_a_step_ends_the_call_that_was_due_and_promises_the_next(self, write, tx, vault, clock):
        """R88: what the authority said, its state, and when to ask again."""
        number = write(STEPS, follow_up_at=clock.now() + timedelta(days=2))
        clock.advance(timedelta(days=2))
        again = clock.now() + timedelta(days=5)
        noted(tx, vault, clock, number, AuthorityState.EN_TRAMITE, again, "Está para firma")
        (task,) = tasks.open_tasks(tx, vault)
        assert task.due_at == again
        noted(tx, vault, clock, number, AuthorityState.CERRADA)
        assert tasks.open_tasks(tx, vault) == []
        steps = authority.steps_of(tx, vault, [number])[number]
        assert [step.state for step in steps] == [AuthorityState.EN_TRAMITE, AuthorityState.CERRADA]
        assert steps[0].text == "Está para firma"
        with pytest.raises(NotOpen):
            noted(tx, vault, clock, number, AuthorityState.EN_TRAMITE)

    @pytest.mark.parametrize(
        ("first", "noted_since", "typed", "stands"),
        [(None, 4, None, 4), (2, 4, 2, 4), (2, None, 2, None), (None, 4, 6, 6), (2, 4, None, None), (2, 2, 2, 2)],
    )
    def test_a_correction_ends_no_question_that_a_colleague_promised_meanwhile(
        self, write, tx, vault, clock, first, noted_since, typed, stands
    ):
        """Ana's form stood open while Luisa noted «ask again on Friday»: nobody asked on Friday. In days from now."""

        def ahead(days):
            return clock.now() + timedelta(days=days) if days else None

        number = write(STEPS, follow_up_at=ahead(first))
        noted(tx, vault, clock, number, AuthorityState.EN_TRAMITE, ahead(noted_since), "Dicen que el viernes")
        corrected = write(STEPS, corrects=number, follow_up_at=ahead(typed))
        assert [(task.about, task.due_at) for task in tasks.open_tasks(tx, vault)] == (
            [(corrected, ahead(stands))] if stands else []
        )
        entry = entries.one(tx, vault, STEPS, corrected)
        assert (entry.state, entry.follow_up_at) == (AuthorityState.EN_TRAMITE, ahead(stands))

    def test_a_step_is_never_edited(self, write, tx, vault, clock):
        noted(tx, vault, clock, write(STEPS), AuthorityState.ENTREGADA)
        with pytest.raises(ProgrammingError, match="only added to"):
            tx.execute(update(register_step).values(state="CERRADA"))

    @pytest.mark.parametrize(
        ("text", "state", "days", "field"),
        [
            (" ", "CERRADA", None, "text"),
            ("x" * 2001, "CERRADA", None, "text"),
            ("x", "ABIERTA", None, "state"),
            ("x", "CERRADA", 2, "follow_up_at"),
            ("x", "EN_TRAMITE", -1, "follow_up_at"),
            ("x", "EN_TRAMITE", 400, "follow_up_at"),
        ],
    )
    def test_what_is_wrong_with_a_step(self, text, state, days, field):
        by = NOW + timedelta(days=days) if days else None
        assert [each.field for each in authority.read_step(text, state, by, NOW)] == [field]


class TestLookingForThem:
    @pytest.fixture
    def several(self, write):
        """Of two people, two lines and four days."""
        return [
            write(DAILY, person=person, line=line, kind=kind, at=NOW - timedelta(days=days), texts={"what": what})
            for person, line, kind, days, what in (
                (ANA, "ciudadana", "LLAMADA", 0, "Llamó al 614 412-3456 por su patrón"),
                (ANA, "linea131", "CASO", 1, "Revisé el expediente"),
                (LUISA, "ciudadana", "LLAMADA", 2, "Orientación jurídica"),
                (LUISA, "ciudadana", "OFICIO", 40, "Entregué el oficio"),
            )
        ]

    @pytest.mark.parametrize(
        ("wanted", "places"),
        [
            ({}, [0, 1, 2, 3]),
            ({"person": LUISA}, [2, 3]),
            ({"line": "linea131"}, [1]),
            ({"kind": "LLAMADA"}, [0, 2]),
            ({"since": NOW - timedelta(days=1)}, [0, 1]),
            ({"until": NOW - timedelta(days=1)}, [2, 3]),
            ({"since": NOW - timedelta(days=9), "until": NOW + timedelta(days=1), "text": "orient JURIDICA"}, [2]),
            ({"since": NOW - timedelta(days=9), "until": NOW + timedelta(days=1), "text": "patron"}, [0]),
            ({"since": NOW - timedelta(days=9), "until": NOW + timedelta(days=1), "text": "6144123456"}, [0]),
            ({"since": NOW - timedelta(days=9), "until": NOW + timedelta(days=1), "text": "…"}, []),
        ],
    )
    def test_by_what_they_are_found(self, several, tx, vault, wanted, places):
        found = listing.page(tx, vault, Wanted(DAILY, **wanted))
        assert [each.id for each in found] == [several[place] for place in places]

    def test_of_a_hidden_line_nothing_is_found(self, several, tx, vault):
        assert several[1] not in [each.id for each in listing.page(tx, vault, Wanted(DAILY), {"linea131"})]

    @pytest.mark.parametrize("since", [None, NOW - timedelta(days=40)], ids=["no beginning", "forty days"])
    def test_sealed_words_are_looked_for_in_few_days(self, several, tx, vault, since):
        with pytest.raises(TooLong):
            listing.page(tx, vault, Wanted(DAILY, since=since, until=NOW, text="oficio"))

    def test_what_is_nobodys_own_is_found_in_any_period(self, write, tx, vault):
        """R88: by its oficio, whole or as it begins; R89: by its subject."""
        step, event = write(STEPS), write(EVENTS)
        assert [each.id for each in listing.page(tx, vault, Wanted(STEPS, text="of-123"))] == [step]
        assert [each.id for each in listing.page(tx, vault, Wanted(STEPS, text="fiscalia norte"))] == [step]
        assert listing.page(tx, vault, Wanted(STEPS, text="carpeta")) == []
        assert [each.id for each in listing.page(tx, vault, Wanted(EVENTS, text="PREVENCION"))] == [event]

    def test_steps_by_how_they_stand(self, write, tx, vault, clock):
        numbers = [write(STEPS, at=NOW - timedelta(days=days)) for days in (3, 1, 2)]
        noted(tx, vault, clock, numbers[0], AuthorityState.CERRADA)
        waiting = listing.page(tx, vault, Wanted(STEPS, state=AuthorityState.POR_ENTREGAR))
        assert [each.id for each in waiting] == [numbers[1], numbers[2]]
        after = (waiting[0].at, waiting[0].id)
        asked = Wanted(STEPS, state=AuthorityState.POR_ENTREGAR)
        assert [each.id for each in listing.page(tx, vault, asked, after=after)] == [numbers[2]]

    def test_a_page_goes_on_where_the_one_before_ended_even_within_a_moment(self, write, tx, vault):
        numbers = [write(DAILY, texts={"what": f"La {n}"}) for n in range(5)]
        seen, after = [], None
        while found := listing.page(tx, vault, Wanted(DAILY), after=after, limit=2):
            seen += [each.id for each in found]
            after = (found[-1].at, found[-1].id)
        assert seen == numbers[::-1]
        assert [each.id for batch in listing.every(tx, vault, Wanted(DAILY)) for each in batch] == seen

    def test_searching_goes_on_past_what_does_not_fit(self, write, tx, vault):
        numbers = [write(DAILY, texts={"what": f"relevo {n}" if n % 4 == 0 else f"nada {n}"}) for n in range(9)]
        asked = Wanted(DAILY, since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), text="relevo")
        assert [each.id for each in listing.page(tx, vault, asked, limit=2)] == [numbers[8], numbers[4]]


class TestResources:
    """R71: predefined reading, approved by somebody, in an order."""

    FACTS = resources.Facts("Contención", "Para una crisis", "Hable despacio", "", "Dirección de Diversidad", 2)

    def test_they_have_an_order_and_are_searched(self, tx, clock):
        last = resources.add(tx, clock.now(), ANA, "linea131", self.FACTS)
        first = resources.add(tx, clock.now(), ANA, "linea131", replace(self.FACTS, title="Duelo", position=1))
        resources.add(tx, clock.now(), ANA, "dgs", self.FACTS)
        assert [each.id for each in resources.of_line(tx, "linea131")] == [first, last]
        assert [each.id for each in resources.found(tx, ["linea131"], "conten despacio")] == [last]

    def test_a_changed_one_is_another_and_the_former_can_still_be_read(self, tx, clock):
        before = resources.add(tx, clock.now(), ANA, "linea131", self.FACTS)
        after = resources.add(tx, clock.now(), LUISA, "linea131", replace(self.FACTS, text="Otro"), replaces=before)
        assert [each.id for each in resources.of_line(tx, "linea131")] == [after]
        kept = resources.one(tx, before)
        assert kept is not None
        assert (kept.facts, kept.retired_by) == (self.FACTS, LUISA)
        with pytest.raises(resources.ChangedMeanwhile):
            resources.add(tx, clock.now(), ANA, "linea131", self.FACTS, replaces=before)
        assert resources.one(tx, before, hidden_lines={"linea131"}) is None

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": " "}, "title"),
            ({"purpose": ""}, "purpose"),
            ({"approved_by": ""}, "approved_by"),
            ({"text": ""}, "text"),
            ({"title": "x" * 121}, "title"),
            ({"link": "http://ejemplo.gob.sv"}, "link"),
            ({"link": "javascript:alert(1)"}, "link"),
            ({"position": "0"}, "position"),
            ({"position": "primero"}, "position"),
        ],
    )
    def test_what_is_wrong_is_said(self, change, field):
        typed = {"title": "a", "purpose": "b", "text": "c", "link": "", "approved_by": "d", "position": "1"}
        assert isinstance(resources.read(**typed), resources.Facts)
        found = resources.read(**{**typed, **change})
        assert isinstance(found, list)
        assert [each.field for each in found] == [field]
