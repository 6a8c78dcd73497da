"""What the lines of a procedure's scenario mean: telephones as the desk's scenarios have them, screens as people press
their way through them, and what the worker and the dialer do meanwhile."""

import re
import threading
from dataclasses import replace

from sqlalchemy import select, update

from assembly import calls_of_others, corrections
from beneficiaries.imports import import_padron
from beneficiaries.registry import PinReason
from cases.catalogue.order_kinds import OrderKind
from cases.orders.orders import open_order
from console.tables import account as account_table
from core.post import QUEUED, post
from core.roles import Role
from desk.chats.tables import chat_message
from desk.directory import keeping
from desk.directory.facts import Category, Facts
from dialer.keeper import Means
from dialer.process import Dialer
from tests.console.builders import account
from tests.desk.acting import Play
from tests.desk.script import Scenario
from tests.desk.stage import Stage
from tests.desk.telephones import Telephone
from tests.messages.chatting import Chatting
from tests.procedures.at_the_screen import AtTheScreen, quoted
from tests.procedures.found import OLD_PIN, Found
from tests.procedures.visitor import Visitor
from tests.webhooks import Webhooks
from work import call_reports, chat_sender, post_office, reminders

#: ``7.3-01``, ``Consejería-5``: a step of the procedure, and the requirements that it is.
STEP = re.compile(r"(?:\d\.\d|Consejería|Denuncia|Emergencia)-\d\d?b?")
#: Of those that are a telephone's too, at a screen there is something in «».
_AT_A_SCREEN = ("gets", "verifies", "uploads")
_HEADING = "documento;nombre;fecha_nacimiento;estado;telefono;recibo;ultimo_cobro;lugar_cobro"


class Procedure(Play):
    """One scenario, played. Words in «» are read or pressed on a screen; without them a verb is a telephone's."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        super().__init__(stage, scenario)
        self.visitors: dict[str, Visitor] = {}
        self.at = ""  # the step of the procedure
        self.parts = stage.house.parts
        hooks = Webhooks(stage.house.app, stage.house.parts.settings.public_url, self._token)
        self._chatting = Chatting(stage.house.parts, hooks)
        self._dialer: Dialer | None = None
        self._dialling: threading.Thread | None = None
        self.found, self.screen = Found(self), AtTheScreen(self)

    @property
    def _token(self) -> str:
        return self.stage.house.parts.settings.trunks.first.auth_token

    def run(self) -> None:
        try:
            super().run()
        finally:
            if self._dialer is not None and self._dialling is not None:
                self._dialer.stop()
                self._dialling.join(20)

    def step(self, who: str, what: str) -> None:
        if STEP.fullmatch(who):
            self.at = f"{who} ({what})"
            return
        try:
            self._step(who, what)
        except AssertionError as error:
            raise AssertionError(f"step {self.at}: {error}") from None

    def _step(self, who: str, what: str) -> None:
        verb, _, rest = what.partition(" ")
        if who == "THEN" and self.found.knows(verb):
            self.stage.until(lambda: self.found.holds(verb, rest), f"{what}, but {self.found.of(verb)}")
        elif who in ("WORKER", "DIALER"):
            getattr(self, f"_{who.lower()}_{verb}")(rest)
        elif who in self.visitors and ("«" in rest or verb in _AT_A_SCREEN) and hasattr(self.screen, verb):
            getattr(self.screen, verb)(self.visitors[who], rest)
            self.stage.settle()
        else:
            super().step(who, what)

    # GIVEN

    def _given(self, what: str, rest: str) -> None:
        match what:
            case "coordinator" | "technician" | "director":
                self._comes(rest, {"coordinator": "COORDINADOR", "technician": "TECNICO"}.get(what, "DIRECTOR"))
            case "padrón":
                self._padron(rest)
            case "pin":
                with self.stage.db.begin() as tx:
                    self.parts.world.registry.set_pin(tx, _plain(rest), OLD_PIN, PinReason.ACTIVACION, "test")
            case "order":
                with self.stage.db.begin() as tx:
                    now, vault = self.parts.clock.now(), self.parts.vault
                    open_order(tx, vault, now, _plain(rest), "test", "Reclamo de otro día", OrderKind.ENLACE)
            case "claimed":
                with self.stage.db.begin() as tx:
                    now, vault = self.parts.clock.now(), self.parts.vault
                    open_order(tx, vault, now, _plain(rest), "test", "Reclamo de otro día")
            case "reference":
                self._reference(rest)
            case _:
                super()._given(what, rest)

    def _operator(self, name: str, words: set[str], *, is_supervisor: bool) -> None:
        self._comes(name, "SUPERVISOR" if is_supervisor else "OPERADOR")
        super()._operator(name, words, is_supervisor=is_supervisor)

    def _comes(self, name: str, role: str) -> None:
        """Somebody with an account, signed in."""
        email = account(self.stage.db, self.parts.clock, Role(role), f"{name.lower()}@example.org")
        with self.stage.db.begin() as tx:
            named = update(account_table).where(account_table.c.email == email).values(name=name)
            self.accounts[name.upper()] = tx.execute(named.returning(account_table.c.id)).scalar_one()
        self.visitors[name.upper()] = Visitor(self.stage.house.app, self.stage.db, email)

    def _padron(self, written: str) -> None:
        """``Ana López; 00016297-5; 05/03/1960; ACTIVO; 7000-1234; recibo 4407719; cobró 11/2026 en Tienda Sol``."""
        name, document, born, standing, *more = [each.strip() for each in written.split(";")]
        phone = more[0] if more and more[0][:1].isdigit() else ""
        bill = next((each.removeprefix("recibo ") for each in more if each.startswith("recibo ")), "")
        redeemed = next((each.removeprefix("cobró ") for each in more if each.startswith("cobró ")), "")
        month, _, place = redeemed.partition(" en ")
        row = ";".join((document, name, born, standing, phone, bill, month, place))
        with self.stage.db.begin() as tx:
            report = import_padron(tx, self.parts.vault, self.parts.clock.now(), f"{_HEADING}\n{row}".encode(), "test")
        assert not report.rejected, report.rejected

    def _reference(self, written: str) -> None:
        """``linea131; SALUD_MENTAL; Clínica de apoyo; +50322001234``: of the line's directory."""
        line, category, name, telephone = [each.strip() for each in written.split(";")]
        now = self.parts.clock.now()
        facts = Facts(name, telephone=telephone, category=Category(category), verified_on=now.date())
        with self.stage.db.begin() as tx:
            keeping.add(tx, now, "test", line, facts)

    # Telephones

    def _reaches(self, who: Telephone, rest: str) -> None:
        """``reaches ROSA at dgs`` (or ``at linea131 by 1``): dials, asks for a person, and talks with her."""
        name, _, line = rest.partition(" at ")
        line, _, key = line.partition(" by ")
        self._dials(who, line)
        self._presses(who, key or "0")
        self._answers(self.telephones[name], "")
        self._talks(who, f"with {name}")
        self.visitors[name].opens("Llamadas › Puesto")

    # WhatsApp

    def _messages(self, who: Telephone, rest: str) -> None:
        """``messages «5»``: writes by WhatsApp; ``(photo)`` is a picture."""
        text = rest if rest.startswith("(") else quoted(rest)[0]
        assert self._chatting.writes(text, who.number) == 200

    def _reads(self, who: Telephone, rest: str) -> None:
        """``reads «…»``: by WhatsApp, once the worker sent it."""
        words = quoted(rest)[0]
        with self.stage.db.begin() as tx:
            rows = tx.execute(select(chat_message.c.body_sealed).where(chat_message.c.side != "CITIZEN")).scalars()
            said = [self.parts.vault.open(each) for each in rows if each is not None]
        assert any(words in each for each in said), f"it was not written: {said}"

    # Processes

    def _worker_works(self, _rest: str) -> None:
        """Everything that its clock and its queue have it do, once."""
        loop = corrections(self.parts)
        reminders(self.parts).watch()
        loop.guarding.watch()
        loop.follow()
        with self.stage.db.begin() as tx:
            waiting = tx.execute(select(post.c.id).where(post.c.state == QUEUED)).scalars().all()
            written = tx.execute(select(chat_message.c.id).where(chat_message.c.state == "QUEUED")).scalars().all()
        for post_id in waiting:
            post_office(self.parts).send(post_id)
        for message_id in written:
            chat_sender(self.parts).send(message_id)

    def _worker_reports(self, rest: str) -> None:
        """``reports to jefe@example.org``: of each period that is over, to the folder and by letter."""
        to = rest.removeprefix("to ")
        self.found.reported = replace(call_reports(self.parts), recipients=(to,)).watch()

    def _dialer_starts(self, _rest: str) -> None:
        parts = self.parts
        shared = (parts.db, parts.vault, parts.clock, parts.trunks, parts.settings.public_url)
        self._dialer = Dialer(Means(*shared, calls_of_others))
        self._dialling = threading.Thread(target=self._dialer.run, name="dialer", daemon=True)
        self._dialling.start()


def _plain(document: str) -> str:
    return document.replace("-", "")
