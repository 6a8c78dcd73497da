"""Who has a conflict of interest hands an attention on, and not what only they can answer (R12, R13, R73)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cases import tasks
from cases.attentions import attentions, gifts
from cases.attentions.attentions import GiftNotDescribed, Saved
from cases.tables import gift, task
from cases.task_words import label_of
from cases.tasks import TaskKind
from core.roles import Role
from tests.cases.conftest import ANA, LUISA, WHOLE

GIFT: dict[str, Any] = {"is_gift_offered": True, "gift_offer": "Me ofreció pan", "gift_item": "Pan dulce"}


@pytest.fixture
def moved(tx, vault, clock, answered, typed):
    """What Ana typed, with a conflict, goes to Operación: the new draft."""

    def moved(**told: object) -> int:
        number = typed(answered(), **{**told, "has_conflict": True}).id
        return attentions.reassign(tx, vault, clock.now(), number, ANA)

    return moved


def owed(tx, vault) -> list[tasks.Task]:
    return tasks.open_tasks(tx, vault)


class TestWhatEachAnswersForThemselves:
    def test_a_gift_is_registered_as_offered_to_whom_it_was(self, tx, vault, moved, typed, clock, save):
        number = moved(**GIFT, gift_is_accepted=False)
        (registered,) = gifts.list_gifts(tx, vault)
        assert (registered.agent, registered.item, registered.is_accepted) == (ANA, "Pan dulce", False)
        attentions.take(tx, vault, clock.now(), number, LUISA)
        attentions.type_draft(tx, vault, clock.now(), number, LUISA, has_conflict=False)
        assert [each.field for each in save(number, LUISA)] == ["is_gift_offered"], "nobody answered for her"
        typed(number, LUISA)
        assert isinstance(save(number, LUISA), Saved)
        assert tx.execute(select(gift.c.agent)).scalars().all() == [ANA]

    def test_nothing_of_it_is_handed_over_and_the_rest_is(self, tx, vault, moved):
        draft = attentions.draft(tx, vault, moved(**GIFT, gift_is_accepted=False))
        assert (draft.is_gift_offered, draft.has_conflict) == (None, None)
        assert (draft.typed.gift_offer, draft.typed.gift_item, draft.typed.gift_is_accepted) == ("", "", None)
        assert (draft.detail, draft.subject, draft.outcome) == (WHOLE["detail"], "C01", "CERRADO")

    def test_one_that_is_not_described_is_described_first(self, tx, vault, moved):
        with pytest.raises(GiftNotDescribed) as lacks:
            moved(**GIFT)
        assert [each.field for each in lacks.value.problems] == ["gift_is_accepted"]
        (draft,) = attentions.drafts_of(tx, vault, ANA)
        assert draft.moved_at is None and owed(tx, vault) == [] == gifts.list_gifts(tx, vault)

    def test_of_a_case_that_another_of_the_call_saved_it_is_a_gift_of_that(
        self, tx, vault, answered, typed, save, moved
    ):
        answered()
        case_id = save(typed(answered(operator=LUISA), LUISA).id, LUISA).case_id
        moved(**GIFT, gift_is_accepted=False)
        assert gifts.list_gifts(tx, vault)[0].case_id == case_id


class TestWhatWaits:
    def test_is_a_task_of_its_tray_with_an_hour(self, tx, vault, clock, moved):
        number = moved()
        (task_,) = owed(tx, vault)
        assert (task_.kind, task_.about, task_.case_id, task_.to_roles) == (TaskKind.CLOSE, number, None, ("OPERADOR",))
        assert task_.due_at == clock.now() + timedelta(hours=24)
        assert label_of(task_) == "Atender el caso de un colega"
        assert task_.made_by == ANA and not any(word in (task_.words or "") for word in ("cilindro", "Inventado"))

    def test_is_of_whoever_takes_it_until_it_is_saved(self, tx, vault, clock, moved, typed, save):
        number = moved()
        assert attentions.take(tx, vault, clock.now(), number, LUISA)
        assert [each.to_person for each in owed(tx, vault)] == [LUISA]
        typed(number, LUISA)
        save(number, LUISA)
        assert owed(tx, vault) == []
        assert tx.execute(select(task.c.ended_by, task.c.ended_at)).one() == (LUISA, clock.now())

    def test_that_goes_on_to_another_tray_is_a_task_of_that_one(self, tx, vault, clock, moved):
        number = moved()
        attentions.take(tx, vault, clock.now(), number, LUISA)
        third = attentions.reassign(tx, vault, clock.now(), number, LUISA, to_role=Role.SUPERVISOR)
        assert [(each.about, each.to_roles) for each in owed(tx, vault)] == [(third, ("SUPERVISOR",))]
