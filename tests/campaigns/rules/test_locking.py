"""Two who decide of the same people at once: neither waits for the other in a circle, and nobody is called twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier, get_ident

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import OperationalError

from campaigns import attempts, conversation, life
from campaigns.approval import approve, plan_more
from campaigns.operated import placing, taking
from campaigns.operated.taking import CannotCall, Operator
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial
from campaigns.rules.facts import decision_of
from campaigns.states import CampaignState, Progress
from campaigns.submission import submit
from campaigns.tables import attempt
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from demo.invent import Citizen, citizen, formato
from dialer.pace import Pace
from dialer.round import Round
from tests.beneficiaries.builders import fail
from tests.campaigns.builders import COORDINATOR, LINES, attempts_of, put_on_the_line, set_attempt, set_campaign
from tests.core.waiting import eventually
from tests.dialer.builders import TRUNK, held
from tests.trunks import a_trunk, in_use

ROSA, LUZ = Operator(7, "rosa@example.org"), Operator(8, "luz@example.org")
ANA, EVA = citizen(1), citizen(2)  # of one telephone each


@contextmanager
def before_a_second_look(db: Database, do: Callable[[], object]) -> Iterator[None]:
    """``do`` happens in whichever thread has locked people once in this while, and is about to lock others."""
    looks: Counter[int] = Counter()

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "advisory_xact_lock" in statement:
            looks[get_ident()] += 1
            if looks[get_ident()] == 2:
                do()

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", look)


def running_list(db: Database, vault: Vault, clock: Clock, people: list[Citizen], **fields: str) -> int:
    """A campaign of these very people, begun."""
    campaign_id = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", formato(people, **fields)).id
    with db.begin() as tx:
        approve(tx, clock.now(), campaign_id, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")
        life.move(tx, clock.now(), campaign_id, CampaignState.RUNNING, "dialer")
    return campaign_id


def round_of(db: Database, vault: Vault, clock: Clock, trunk: str = TRUNK) -> Round:
    """A dialer's round, of a carrier that never answers."""
    lines = a_trunk(name=trunk, calls_per_second=1000, max_live_calls=20)
    return Round(
        db, vault, clock, in_use(lines), lines, held(db, trunk), Pace(1000), "https://voz.example", lambda *_: None
    )


def on_trunk(db: Database, campaign_id: int, trunk: str) -> None:
    set_campaign(db, campaign_id, trunk=trunk)
    for row in attempts_of(db, campaign_id):
        set_attempt(db, row.id, trunk=trunk)


def called(db: Database) -> int:
    with db.begin() as tx:
        return len(tx.execute(select(attempt.c.id).where(attempt.c.state == "asking")).all())


@pytest.mark.parametrize("first", ["telephone", "person"])
def test_a_round_and_an_operators_call_to_two_of_its_people(db, vault, clock, first):
    """The operator calls Eva on Ana's telephone, while the dialer looks at Ana, and at Eva on her own."""
    urgent, later = {"nombre_campana": "Primera", "prioridad": "1"}, {"nombre_campana": "Segunda", "prioridad": "5"}
    running_list(db, vault, clock, [ANA], **(urgent if first == "telephone" else later))
    running_list(db, vault, clock, [EVA], **(later if first == "telephone" else urgent))
    running_list(db, vault, clock, [replace(EVA, phones=ANA.phones)], modo="OPERADOR", nombre_campana="Del puesto")
    with db.begin() as tx:
        claim = taking.take_next(tx, vault, clock.now(), ROSA)
        assert claim is not None
    round_ = round_of(db, vault, clock)

    def operator_calls() -> None:
        with db.begin() as tx:
            placing.to_call(tx, vault, clock.now(), ROSA.account_id, claim.attempt_id)

    def waits_for_another() -> bool:
        with db.begin() as tx:
            waiting = "select count(*) from pg_stat_activity where datname = current_database()"
            return bool(tx.execute(text(f"{waiting} and wait_event_type = 'Lock'")).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        calls = []

        def meanwhile() -> None:
            calls.append(pool.submit(operator_calls))
            eventually(waits_for_another)

        with before_a_second_look(db, meanwhile):
            assert round_.run() >= 1
        with pytest.raises(CannotCall):  # the dialer was first: the operator is told so
            calls[0].result(10)
    round_.run()
    assert called(db) == 2


def test_whoever_tries_their_pin_is_in_nobodys_way(db, vault, clock):
    """The padrón counts a person's and their telephone's failures, and locks both, in an order of its own."""
    due = attempts_of(db, running_list(db, vault, clock, [ANA]))[0]
    with db.begin() as pin, db.begin() as tx:
        each = candidate_for(tx, vault, due.id)
        document = ANA.document.replace("-", "")
        assert each.person == vault.fingerprint("document", document)
        fail(pin, vault, clock.now(), document, each.to)
        tx.execute(text("set local lock_timeout = '2s'"))
        _, decision = decision_of(tx, vault, clock.now(), each)
        assert isinstance(decision, Dial)


def test_two_trunks_that_come_to_the_same_people_in_another_order(db, vault, clock):
    rounds = []
    for trunk, order in (("uno", [ANA, EVA]), ("dos", [EVA, ANA])):
        for priority, person in enumerate(order, start=1):
            fields = {"nombre_campana": f"{trunk} {priority}", "prioridad": str(priority)}
            on_trunk(db, running_list(db, vault, clock, [person], **fields), trunk)
        rounds.append(round_of(db, vault, clock, trunk))
    both = Barrier(2)
    with before_a_second_look(db, lambda: both.wait(10)), ThreadPoolExecutor(2) as pool:
        assert list(pool.map(Round.run, rounds)) == [1, 1]
    assert [each.run() for each in rounds] == [0, 0]  # now each sees the other's call
    assert called(db) == 2


def test_two_operators_whose_lists_have_the_same_people_in_another_order(db, vault, clock):
    past = running_list(db, vault, clock, [ANA, EVA], nombre_campana="De hace un rato")
    for number, row in enumerate(attempts_of(db, past)):
        asked = {"state": "placed", "remote_sid": f"CA{number}", "started_at": clock.now()}
        set_attempt(db, row.id, **asked, to_print=vault.fingerprint("phone", [ANA, EVA][number].phones[0]))
    lists = [
        running_list(db, vault, clock, people, modo="OPERADOR", nombre_campana=f"Lista {number}")
        for number, people in enumerate(([ANA, EVA], [EVA, ANA]))
    ]

    def asks(who: Operator, campaign_id: int) -> object:
        with db.begin() as tx:
            return taking.take_next(tx, vault, clock.now(), who, campaign_id)

    both = Barrier(2)
    with before_a_second_look(db, lambda: both.wait(10)), ThreadPoolExecutor(2) as pool:
        assert list(pool.map(asks, (ROSA, LUZ), lists)) == [None, None]
    assert [asks(ROSA, each) for each in lists] == [None, None]
    due = [row.due_at for each in lists for row in attempts_of(db, each)]
    assert all(at > clock.now() for at in due), due


def test_a_turn_that_keeps_an_answer_and_whoever_is_told_that_the_call_is_over(db, vault, clock):
    """The turn writes the person and, at its end, the attempt; the reconciler goes from the attempt to the person."""
    (row,) = attempts_of(db, running_list(db, vault, clock, [ANA]))
    put_on_the_line(db, row.id, "CA1", clock.now())

    def call_ends() -> bool:
        with db.begin() as tx:
            return attempts.end_call(tx, clock.now(), row.id, "completed", 60)

    def waits_for_the_turn(tx: Connection) -> object:
        return tx.execute(
            text("select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))")
        ).scalar()

    with ThreadPoolExecutor(1) as pool:
        with db.begin() as turn:
            conversation.keep_collected(turn, vault, row.id, {"1": "1"})
            over = pool.submit(call_ends)
            eventually(lambda: waits_for_the_turn(turn))
            conversation.mark(turn, row.id, Progress.COLLECTED)
        assert over.result(10)
    assert attempts_of(db, row.campaign_id)[0].outcome == "contacto_titular.dato_recolectado"


def decides(tx: Connection, clock: Clock, campaign_id: int) -> None:
    life.state_of(tx, campaign_id, lock=True)


def plans(tx: Connection, clock: Clock, campaign_id: int) -> None:
    plan_more(tx, clock.now(), campaign_id)


def does_not_approve(tx: Connection, clock: Clock, campaign_id: int) -> None:
    with pytest.raises(life.NotAllowed):  # it runs already; until the transaction ends nobody else decides
        approve(tx, clock.now(), campaign_id, COORDINATOR, Role.SUPERVISOR)


@pytest.mark.parametrize("decide", [decides, plans, does_not_approve])
def test_whoever_asks_for_no_more_calls_waits_for_nobody_who_decides_of_the_campaign(db, vault, clock, decide):
    (row,) = attempts_of(db, running_list(db, vault, clock, [ANA]))
    with db.begin() as deciding:
        decide(deciding, clock, row.campaign_id)
        with db.begin() as tx:
            tx.execute(text("set local lock_timeout = '2s'"))
            conversation.exclude_phone(tx, vault, clock.now(), row.id)


@pytest.mark.parametrize("decide", [decides, plans, does_not_approve])
def test_and_two_who_decide_of_it_do_wait(db, vault, clock, decide):
    (row,) = attempts_of(db, running_list(db, vault, clock, [ANA]))
    with db.begin() as deciding:
        decide(deciding, clock, row.campaign_id)
        with pytest.raises(OperationalError), db.begin() as tx:
            tx.execute(text("set local lock_timeout = '50ms'"))
            life.pause(tx, clock.now(), row.campaign_id, COORDINATOR)
