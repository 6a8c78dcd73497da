"""A padrón elsewhere: it is asked outside the turn's transaction, never twice, and keeps nobody else waiting."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy import func, select, text

from app import webhooks_app
from assembly import Parts, assemble
from beneficiaries import locks
from beneficiaries.patience import Patience
from beneficiaries.tables import failed_try
from cases.orders.orders import has_open_order, open_order
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.post import post
from core.privacy import Vault
from desk.tables import room
from ivr.tables import call
from settings import Settings
from tests.beneficiaries.builders import ANA
from tests.beneficiaries.elsewhere import TOKEN, Served, served
from tests.core.waiting import eventually
from tests.ivr.caller import ANOTHER_DAY, BORN, Caller, hang_up, next_of, says
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

EMERGENCIES = "+50321000131"
WEB_THREADS, MAY_WAIT = 4, 2
IN_TIME = 1.5  # seconds: less than the padrón is waited for


@pytest.fixture
def padron() -> Iterator[Served]:
    with served() as padron:
        yield padron


@pytest.fixture
def parts(tmp_path, db: Database, vault: Vault, clock: FixedClock, padron: Served) -> Parts:
    env = {"DATA_DIR": str(tmp_path), "REGISTRY_URL": padron.url, "REGISTRY_TOKEN": TOKEN}
    made = assemble(Settings.from_environment(env), db, vault, clock)
    return replace(made, world=replace(made.world, patience=Patience(MAY_WAIT)))


@pytest.fixture
def web() -> Iterator[ThreadPoolExecutor]:
    """The threads of a small web process."""
    with ThreadPoolExecutor(WEB_THREADS) as threads:
        yield threads


def is_waiting(padron: Served, questions: int) -> None:
    eventually(lambda: len(padron.asked) == questions)


@pytest.mark.parametrize("doubled", [False, True], ids=["once", "repeated"])
def test_a_pin_of_a_padron_elsewhere(parts: Parts, webhooks: Webhooks, padron: Served, doubled: bool) -> None:
    webhooks.doubled = doubled
    keys = ("2", "1", ANA, ANOTHER_DAY, ANA, BORN, "1")
    Scene(parts, webhooks, Dialogue("elsewhere", [("CALLER", each) for each in keys])).play()

    assert padron.asked == ["/beneficiaries/find", "/beneficiaries/find", "/pins/check", "/pins/set"]
    assert len(padron.institution.pins[ANA]) == 1
    with parts.db.begin() as tx:
        assert tx.execute(select(failed_try.c.scope)).scalars().all() == ["phone"], "the wrong one of this caller"
        assert tx.execute(select(post.c.prompt)).scalars().all() == ["sms.pin_changed"]


def test_an_emergency_is_answered_while_the_padron_hangs(
    parts: Parts, webhooks: Webhooks, padron: Served, web: ThreadPoolExecutor
) -> None:
    callers = [Caller(webhooks, number).reach_the_birth_date() for number in range(6)]
    padron.answers.clear()
    asked = [web.submit(each.press, BORN) for each in callers[:MAY_WAIT]]
    is_waiting(padron, MAY_WAIT)
    asked += [web.submit(each.press, BORN) for each in callers[MAY_WAIT:]]

    emergency = web.submit(webhooks.post, f"{webhooks.public_url}/voice/incoming", of_an_emergency())

    assert "<Gather" in emergency.result(IN_TIME)[2] or "<Dial" in emergency.result()[2]
    for each in asked[MAY_WAIT:]:
        assert says(parts, each.result(IN_TIME), "pin.registry_down"), "as many as may wait do, and the rest do not"
    assert not any(each.done() for each in asked[:MAY_WAIT])
    assert [says(parts, each.result(), "pin.registry_down") for each in asked[:MAY_WAIT]] == [True] * MAY_WAIT
    with parts.db.begin() as tx:
        assert tx.execute(select(room.c.queue)).scalars().all() == ["pin"] * len(callers), "a person for each of them"
        assert tx.execute(select(func.count()).select_from(failed_try)).scalar_one() == 0, "nobody judged them"


def of_an_emergency() -> dict[str, str]:
    return {"CallSid": "CA" + "9" * 32, "From": "+50379990000", "To": EMERGENCIES}


def test_what_the_webhook_told_is_known_after_the_padron_was_asked(parts: Parts, webhooks: Webhooks) -> None:
    """Whoever is put through to a person waits at the account whose call it is."""
    caller = Caller(webhooks).reach_the_birth_date()
    caller.whose["AccountSid"] = parts.settings.trunks.first.account_sid
    caller.press(ANOTHER_DAY, ANA, ANOTHER_DAY, ANA, ANOTHER_DAY)
    with parts.db.begin() as tx:
        assert tx.execute(select(room.c.carrier_account)).scalars().all() == [caller.whose["AccountSid"]]


def test_no_transaction_is_open_while_the_padron_is_asked(
    parts: Parts, webhooks: Webhooks, padron: Served, web: ThreadPoolExecutor
) -> None:
    caller = Caller(webhooks).reach_the_birth_date()
    padron.answers.clear()
    asked = web.submit(caller.press, BORN)
    is_waiting(padron, 1)
    with parts.db.begin() as tx:
        idle = text(
            "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        )
        assert tx.execute(idle).scalar_one() == 0
        tx.execute(select(call).where(call.c.sid == caller.sid).with_for_update(nowait=True))
    padron.answers.set()
    assert says(parts, asked.result(), "pin.prepare")


class TestARepeatedWebhook:
    def test_gets_the_same_answer_and_asks_nothing(
        self, parts: Parts, webhooks: Webhooks, padron: Served, web: ThreadPoolExecutor
    ) -> None:
        caller = Caller(webhooks).reach_the_birth_date()
        here = caller.next
        padron.answers.clear()
        first = web.submit(caller.ask, here, Digits=BORN)
        is_waiting(padron, 1)

        for _ in range(3):
            repeated = caller.ask(here, Digits=BORN)
            assert "Say" not in repeated and "<Pause" in repeated, "it looks again in a second"
            assert caller.ask(next_of(repeated)) == repeated

        padron.answers.set()
        answer = first.result()
        assert says(parts, answer, "pin.confirm")
        assert caller.ask(next_of(repeated)) == answer
        assert caller.ask(here, Digits=BORN) == answer
        assert padron.asked == ["/beneficiaries/find", "/pins/check"]

    def test_of_a_process_that_died_comes_to_a_person(self, parts: Parts, webhooks: Webhooks) -> None:
        caller = Caller(webhooks).reach_the_birth_date()
        here = caller.next
        dying = replace(parts, world=replace(parts.world, patience=_Dying()))
        with pytest.raises(KeyboardInterrupt):
            Caller.ask(_of(dying, caller), here, Digits=BORN)

        caller.heard = caller.ask(here, Digits=BORN)
        for _ in range(9):
            assert "<Pause" in caller.heard
            caller.heard = caller.ask(caller.next)

        assert says(parts, caller.heard, "pin.registry_down")
        assert caller.ask(here, Digits=BORN) == caller.heard


class _Dying(Patience):
    """The process is killed while the padrón is asked."""

    def __init__(self) -> None:
        super().__init__(1)

    def ask(self, question: object) -> NoReturn:
        raise KeyboardInterrupt


def _of(parts: Parts, caller: Caller) -> Caller:
    """The same caller, at another web process."""
    other = object.__new__(Caller)
    other.__dict__ = caller.__dict__ | {
        "webhooks": Webhooks(webhooks_app(parts), caller.webhooks.public_url, caller.webhooks.token)
    }
    return other


class TestWhoeverHangsUpMeanwhile:
    def test_while_the_pin_is_put_in_force_is_told_so_and_their_order_is_closed(
        self, parts: Parts, webhooks: Webhooks, padron: Served, web: ThreadPoolExecutor, clock: FixedClock
    ) -> None:
        with parts.db.begin() as tx:
            open_order(tx, parts.vault, clock.now(), ANA, "test", "reclamo por sustracción")
        padron.institution.pins[ANA] = ["9517"]
        caller = Caller(webhooks)
        caller.press("2", "2", ANA, BORN, "4")
        padron.answers.clear()
        asked = web.submit(caller.press, "1")
        eventually(lambda: padron.asked[-1] == "/pins/set")

        hang_up(caller)
        padron.answers.set()

        assert "<Hangup" in asked.result()
        assert len(padron.institution.pins[ANA]) == 2
        with parts.db.begin() as tx:
            assert not has_open_order(tx, parts.vault, ANA)
            assert tx.execute(select(post.c.prompt)).scalars().all() == ["sms.pin_changed"]
            assert "pin.set" in tx.execute(select(audit.audit.c.action)).scalars().all()
            assert tx.execute(select(call.c.memory_sealed)).scalars().all() == [None]

    def test_while_they_are_looked_up_waits_in_no_queue(
        self, parts: Parts, webhooks: Webhooks, padron: Served, web: ThreadPoolExecutor, clock: FixedClock
    ) -> None:
        caller = Caller(webhooks).reach_the_birth_date()
        padron.answers.clear()
        asked = web.submit(caller.press, ANOTHER_DAY)
        is_waiting(padron, 1)

        hang_up(caller)
        padron.answers.set()

        assert "<Hangup" in asked.result()
        with parts.db.begin() as tx:
            assert tx.execute(select(func.count()).select_from(room)).scalar_one() == 0
            assert tx.execute(select(failed_try.c.scope).order_by(failed_try.c.id)).scalars().all() == [
                "document",
                "phone",
            ]


def test_who_guesses_on_many_lines_at_once_has_no_more_guesses(
    parts: Parts, webhooks: Webhooks, padron: Served, clock: FixedClock
) -> None:
    """All are asked of the padrón before any is answered: only as many as the limit says are believed."""
    many = 8
    parts = replace(parts, world=replace(parts.world, patience=Patience(many)))
    webhooks = Webhooks(webhooks_app(parts), webhooks.public_url, webhooks.token)
    callers = [Caller(webhooks, number, phone="anonymous").reach_the_birth_date() for number in range(many)]
    padron.answers.clear()
    with ThreadPoolExecutor(many) as web:
        asked: list[Future[str]] = [web.submit(each.press, BORN) for each in callers]
        is_waiting(padron, many)
        padron.answers.set()
        verified = [says(parts, each.result(), "pin.prepare") for each in asked]

    assert sum(verified) == parts.world.limits.per_document
    with parts.db.begin() as tx:
        assert [each.scope for each in locks.list_locks(tx, clock.now())] == [locks.Scope.DOCUMENT]
