"""Whoever left is shut out at once, at the door, in their session and at the desk; and nothing of theirs is lost."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from console.accounts import add_account
from console.disabling import NoSuchAccount, all_accounts, disable_account, enable_account
from console.sign_in import REFUSED
from console.tables import account as account_table
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.roles import Role
from desk import presence
from desk.states import LegRole, Presence, RoomState
from desk.tables import presence_change
from tests.console.builders import PASSWORD, account, come_in
from tests.console.desk_builders import Centre, Somebody

ANA = "ana@ejemplo.gob.sv"
EVA = "cli:eva"


@pytest.fixture
def browser(client: FlaskClient, db: Database, clock: FixedClock) -> FlaskClient:
    """Ana's, who is in."""
    come_in(client, account(db, clock, Role.COORDINADOR, ANA))
    return client


def disable(db: Database, clock: FixedClock, email: str = ANA) -> int:
    with db.begin() as tx:
        return disable_account(tx, clock.now(), email, actor=EVA)


def enable(db: Database, clock: FixedClock, email: str = ANA) -> int:
    with db.begin() as tx:
        return enable_account(tx, clock.now(), email, actor=EVA)


def enter(client: FlaskClient, password: str = PASSWORD):
    return client.post("/entrar", data={"email": ANA, "password": password})


def trail(db: Database, account_id: int) -> list[tuple[str, str]]:
    """What happened to the account, the oldest first."""
    with db.begin() as tx:
        return [(line["action"], line["actor"]) for line in audit.history(tx, "account", account_id)][::-1]


class TestTheDoor:
    def test_an_open_session_ends_at_its_next_request(self, browser, db, clock):
        assert browser.get("/campanas").status_code == 200
        disable(db, clock)
        answer = browser.get("/campanas")
        assert (answer.status_code, answer.location) == (302, "/entrar?sigue=/campanas")

    def test_a_session_of_before_is_over_for_good(self, browser, db, clock):
        disable(db, clock)
        enable(db, clock)
        assert browser.get("/campanas").status_code == 302
        assert enter(browser).status_code == 302
        assert browser.get("/campanas").status_code == 200

    def test_to_enable_what_is_enabled_ends_no_session(self, browser, db, clock):
        enable(db, clock)
        assert browser.get("/campanas").status_code == 200

    def test_the_right_password_no_longer_comes_in_and_sounds_as_a_wrong_one(self, client, db, clock):
        account(db, clock, Role.COORDINADOR, ANA)
        disable(db, clock)
        answer = enter(client)
        assert (answer.status_code, REFUSED in answer.text) == (401, True)

    def test_a_new_password_does_not_open_it(self, client, db, clock):
        account(db, clock, Role.COORDINADOR, ANA)
        disable(db, clock)
        with db.begin() as tx:
            add_account(tx, clock.now(), ANA, Role.ADMIN, "otra frase larga y nueva", actor=EVA)
        assert enter(client, "otra frase larga y nueva").status_code == 401

    def test_who_comes_back_has_the_password_that_they_had(self, client, db, clock):
        account(db, clock, Role.COORDINADOR, ANA)
        disable(db, clock)
        enable(db, clock)
        assert enter(client).status_code == 302

    def test_it_is_of_one_account_and_of_no_other(self, browser, db, clock):
        account(db, clock, Role.COORDINADOR, "beto@ejemplo.gob.sv")
        disable(db, clock, "beto@ejemplo.gob.sv")
        assert browser.get("/campanas").status_code == 200

    def test_an_email_is_found_as_it_is_at_the_door_whatever_its_case(self, browser, db, clock):
        disable(db, clock, " Ana@Ejemplo.GOB.sv ")
        assert browser.get("/campanas").status_code == 302

    @pytest.mark.parametrize("change", [disable, enable])
    def test_there_is_no_such_account(self, db, clock, change):
        with pytest.raises(NoSuchAccount, match="No hay ninguna cuenta con ese correo"):
            change(db, clock, "nadie@ejemplo.gob.sv")


class TestTheTrail:
    def test_who_did_it_is_written_down_and_the_account_stays(self, db, clock):
        account(db, clock, Role.COORDINADOR, ANA)
        number = disable(db, clock)
        assert enable(db, clock) == number
        assert trail(db, number) == [("account.disabled", EVA), ("account.enabled", EVA)]

    def test_what_was_so_already_is_no_fault_and_is_not_written_twice(self, db, clock):
        account(db, clock, Role.COORDINADOR, ANA)
        enable(db, clock)
        number = disable(db, clock)
        disable(db, clock)
        assert trail(db, number) == [("account.disabled", EVA)]


class TestTheList:
    def test_who_may_come_in_is_first_and_nobodys_password_is_in_it(self, db, clock):
        for email in ("carla@ejemplo.gob.sv", ANA, "beto@ejemplo.gob.sv"):
            account(db, clock, Role.OPERADOR, email)
        disable(db, clock)
        with db.begin() as tx:
            found = all_accounts(tx)
        assert [(row.email.partition("@")[0], row.is_active) for row in found] == [
            ("beto", True),
            ("carla", True),
            ("ana", False),
        ]
        assert not any(str(value).startswith("$argon2") for row in found for value in row)


class TestTheDesk:
    @pytest.fixture
    def ana(self, centre: Centre) -> Somebody:
        """Free, at her desk, with the page just seen."""
        return centre.arrives(Role.OPERADOR, "ana")

    def shut_out(self, centre: Centre, who: Somebody) -> None:
        disable(centre.desk.db, centre.clock, who.email)

    def look(self, centre: Centre) -> None:
        """One look of the desk at who is there."""
        with centre.desk.db.begin() as tx:
            presence.send_away_the_absent(tx, centre.clock.now())

    def test_whoever_was_free_is_out_and_the_call_that_waits_is_not_theirs(self, centre, ana):
        room_id = centre.calls()
        self.shut_out(centre, ana)
        assert ana.state == Presence.FUERA
        assert centre.offers() == 0
        assert centre.room(room_id).state is RoomState.WAITING

    def test_whoever_was_on_a_break_is_out(self, centre):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.DESCANSO)
        self.shut_out(centre, ana)
        assert ana.state == Presence.FUERA

    def test_nobody_hands_them_a_call(self, centre, ana):
        beto = centre.arrives(Role.OPERADOR, "beto", state=Presence.DESCANSO)
        room_id = centre.talks()
        beto.does("/puesto/estado", estado="DISPONIBLE")
        self.shut_out(centre, beto)
        refused = ana.chooses(room_id, "consultar", "operador", str(beto.account_id))
        assert (refused.status_code, refused.text) == (409, "Esa persona no está disponible ahora.")

    def test_a_call_in_course_is_not_cut_and_is_their_last(self, centre, ana):
        room_id = centre.talks()
        self.shut_out(centre, ana)
        self.look(centre)
        assert (ana.state, centre.room(room_id).state) == (Presence.EN_LLAMADA, RoomState.TALKING)

        hers = centre.leg(room_id, LegRole.OPERATOR)
        centre.ends(centre.leg(room_id, LegRole.CALLER).id)
        centre.ends(hers.id)
        assert ana.state == Presence.POST_LLAMADA
        self.look(centre)
        centre.calls(phone="+50370009999")

        assert ana.state == Presence.FUERA
        assert centre.offers() == 0

    def test_a_citizen_whose_call_goes_with_the_page_does_not_wait_for_them(self, centre, ana):
        room_id = centre.talks()
        beto = centre.arrives(Role.OPERADOR, "beto")
        self.shut_out(centre, ana)
        centre.ends(centre.leg(room_id, LegRole.OPERATOR).id, "failed")
        centre.clock.advance(timedelta(seconds=3))  # before those six in which their own telephone may be back
        assert centre.offers() == 1
        assert (centre.leg(room_id, LegRole.OPERATOR).account_id, beto.state) == (beto.account_id, Presence.TIMBRANDO)

    def test_a_telephone_that_rang_at_that_moment_rings_for_no_second_call(self, centre, ana):
        room_id = centre.calls()
        assert centre.offers() == 1
        rung = centre.leg(room_id, LegRole.OPERATOR)
        self.shut_out(centre, ana)
        centre.ends(centre.leg(room_id, LegRole.CALLER).id)
        centre.ends(rung.id, "canceled")
        assert ana.state == Presence.DISPONIBLE
        centre.calls(phone="+50370009999")
        assert centre.offers() == 0

    def test_who_never_was_at_the_desk_is_not_put_there(self, centre, db, clock):
        account(db, clock, Role.OPERADOR, ANA)
        number = disable(db, clock)
        with db.begin() as tx:
            assert presence.of(tx, number) is None

    def test_who_comes_back_says_first_that_they_are_there(self, centre, ana):
        self.shut_out(centre, ana)
        enable(centre.desk.db, centre.clock, ana.email)
        come_in(ana.browser, ana.email)
        assert "Fuera" in ana.sees()
        assert ana.state == Presence.FUERA

    def test_whoever_was_out_leaves_once(self, centre, db):
        ana = centre.arrives(Role.OPERADOR, "ana", state=Presence.FUERA)
        self.shut_out(centre, ana)
        with db.begin() as tx:
            told = tx.execute(select(presence_change.c.state)).scalars().all()
        assert told == [Presence.FUERA]


class TestTheName:
    @pytest.mark.parametrize(
        ("first", "again", "kept"),
        [
            ("", "", "ana"),
            (" Ana \t Pérez\n", "", "Ana Pérez"),
            ("Ana Pérez", "Ana Pérez de Rivas", "Ana Pérez de Rivas"),
            ("", "Ana Pérez", "Ana Pérez"),
        ],
    )
    def test_a_name_is_kept_until_another_is_given(self, db, clock, first, again, kept):
        with db.begin() as tx:
            for name in (first, again):
                add_account(tx, clock.now(), ANA, Role.OPERADOR, PASSWORD, name, actor=EVA)
            assert tx.execute(select(account_table.c.name)).scalar_one() == kept
