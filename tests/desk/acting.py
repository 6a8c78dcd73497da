"""What the lines of a scenario mean: telephones here, what the desk decides in ``deciding.py``, THEN in checking."""

import re
import time
from datetime import datetime, timedelta

from desk import presence
from desk.directory import keeping
from desk.directory.facts import Facts
from desk.states import Presence
from tests.desk.checking import Checks
from tests.desk.deciding import Deciding
from tests.desk.script import Scenario
from tests.desk.stage import Stage
from tests.desk.telephones import Telephone
from tests.desk.watchfulness import Watch
from tests.ivr.script import _pattern as pattern

NUMBERS = {
    "dgs": "+50322373333",
    "linea131": "+50321000131",
    "issemym": "+525550000000",
    "uariv": "+576010000000",
    "ciudadana": "+526140000000",
}
SECONDS = {"s": 1, "min": 60, "h": 3600}
FATES = {"busy": "busy", "voicemail": "machine", "nobody": "no_answer", "unreachable": "failed", "recording": "machine"}


class Play:
    """One scenario, played step by step."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self.stage, self.scenario = stage, scenario
        self.exchange = stage.house.exchange
        self.telephones: dict[str, Telephone] = {}
        self.accounts: dict[str, int] = {}
        self.line = "dgs"
        self.watch = Watch(self.exchange)
        self.personas = ""
        self.deciding = Deciding(self)
        self.checks = Checks(self)
        self._citizen("CITIZEN", "+50370001234")

    def run(self) -> None:
        self.watch.begin()
        try:
            for number, who, what in self.scenario.steps:
                try:
                    self.step(who, what)
                except AssertionError as error:
                    raise AssertionError(f"line {number}: {who} {what}: {error}\n{self.checks.story()}") from None
        finally:
            found = self.watch.end()
        self.watch.check_ends()
        assert not found, f"{found}\n{self.checks.story()}"

    def step(self, who: str, what: str) -> None:
        verb, _, rest = what.partition(" ")
        if who == "GIVEN":
            self._given(verb, rest)
        elif who == "THEN":
            self.checks.check(verb, rest)
        elif who in ("TIME", "CARRIER", "WEB", "DESK"):
            getattr(self, f"_{who.lower()}_{verb}")(rest)
        elif method := getattr(self, f"_{verb}", None):
            method(self.telephones[who], rest)
        else:
            self.deciding.act(who, verb, rest)
            self.stage.settle()

    # GIVEN

    def _given(self, what: str, rest: str) -> None:
        words = rest.split()
        match what:
            case "operator" | "supervisor":
                self._operator(words[0], set(words[1:]), is_supervisor=what == "supervisor")
            case "citizen":
                self._citizen(words[0].upper(), f"+5037000{len(self.telephones):04d}")
            case "telephone":
                self.telephones[words[0].upper()] = self.exchange.attach(words[1])
            case "listed":
                self._listed(rest)
            case "line":
                self.line = rest
            case _:
                self.personas += f'[[person]]\nnumber = "{words[0]}"\nfate = "{FATES[what]}"\nring_s = 1\n'
                self.exchange.people(self.personas)

    def _listed(self, written: str) -> None:
        """``Ana López;Nómina;+525550001111``: somebody of the directory, with their own telephone."""
        name, unit, telephone = written.split(";")
        now = self.stage.desk.clock.now()
        facts = Facts(name, unit, telephone=telephone, verified_on=now.date())
        with self.stage.db.begin() as tx:
            keeping.add(tx, now, "test", "issemym", facts)

    def _citizen(self, name: str, number: str) -> None:
        self.telephones[name] = self.exchange.attach(number)
        self.exchange.citizens.add(number)
        self.watch.citizens.append(self.telephones[name])

    def _operator(self, name: str, words: set[str], *, is_supervisor: bool) -> None:
        """``available``; ``telephone``: rung there, not in the browser; in capitals: skills."""
        account = self.accounts.setdefault(name.upper(), 7 + len(self.accounts))
        has_telephone = bool(words & {"telephone", "voicemail"})
        number = f"+50371000{account:03d}" if has_telephone else f"client:puesto_{account}"
        now = self.stage.desk.clock.now()
        with self.stage.db.begin() as tx:
            email = f"{name.lower()}@example.org"
            presence.sign_on(tx, now, account, email, name, is_supervisor=is_supervisor)
            presence.set_telephone(tx, self.stage.desk.vault, account, number if has_telephone else None)
            presence.set_skills(tx, account, [word for word in words if word.isupper()])
        if "voicemail" in words:
            self._given("voicemail", number)
        elif "unattended" not in words:
            self.telephones[name.upper()] = self.exchange.attach(number)
        if "available" in words:
            self.choose(name.upper(), Presence.DISPONIBLE)

    def choose(self, name: str, state: Presence, reason: str = "") -> None:
        with self.stage.db.begin() as tx:
            presence.seen(tx, self.accounts[name])
            presence.choose(tx, self.stage.desk.clock.now(), self.accounts[name], state, reason)

    # Telephones

    def _dials(self, who: Telephone, line: str) -> None:
        self.line = line
        before = who.calls
        self.exchange.do(who, "dial", to=NUMBERS[line])
        self.stage.until(lambda: who.calls > before, "the line answered")

    def _rings(self, who: Telephone, _rest: str) -> None:
        self.stage.until(lambda: who.is_ringing, "it rings")

    def _stops(self, who: Telephone, rest: str) -> None:
        """``stops ringing``."""
        assert rest == "ringing"
        self.stage.until(lambda: not who.is_ringing, "it rings no more")

    def _silent(self, who: Telephone, _rest: str) -> None:
        """``silent``: it does not ring; time enough for it was given by the steps before."""
        self.stage.settle()
        assert not who.is_ringing, "it rings"

    def _answers(self, who: Telephone, _rest: str) -> None:
        self._rings(who, "")
        before = who.calls
        self.exchange.do(who, "answer")
        self.stage.until(lambda: who.calls > before, "it is picked up")

    def _declines(self, who: Telephone, _rest: str) -> None:
        self._rings(who, "")
        self.exchange.do(who, "hangup")

    def _presses(self, who: Telephone, keys: str) -> None:
        """Once there is something to answer; ``presses 5 now`` does not wait for it."""
        keys, _, now = keys.partition(" ")
        if not now:
            self.stage.until(lambda: who.may_key, "there is a question to answer")
        who.may_key = False
        for key in keys:
            self.exchange.do(who, "key", key=key)

    def _says(self, who: Telephone, words: str) -> None:
        self.exchange.do(who, "say", text=words.strip("«»"))

    def _hears(self, who: Telephone, what: str) -> None:
        found = self._pattern(what)
        self.stage.until(lambda: who.hears(found), f"{what} is heard")

    def _misses(self, who: Telephone, what: str) -> None:
        """It was not said to them in this call; a step before waits for whoever it was said to."""
        found = self._pattern(what)
        assert not any(found.search(each.text) for each in who.heard[who.began :]), "it was heard"

    def _pattern(self, what: str) -> re.Pattern[str]:
        if what.startswith("«"):
            return re.compile(re.escape(what.strip("«»")))
        return pattern(self.stage.desk.catalogs[self.line], what)

    def _talks(self, who: Telephone, rest: str) -> None:
        """``talks with ROSA, LUZ``: these and nobody else, nobody of them on hold."""
        others = {self.telephones[name].number for name in rest.removeprefix("with ").split(", ")}
        self.stage.until(lambda: self.exchange.company(who) == others, "they talk")
        self.stage.settle()

    def _waits(self, who: Telephone, _rest: str) -> None:
        """In a call, and with nobody."""
        self.stage.until(lambda: who.is_in_call and not self.exchange.company(who), "they wait")

    def _records(self, who: Telephone, words: str) -> None:
        """Speaks after the tone: again and again, until it began to be kept; then the key that ends it."""
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            self._says(who, words)
            time.sleep(0.1)
        self._presses(who, "# now")

    def _hangs(self, who: Telephone, _rest: str) -> None:
        """``hangs up``."""
        self.exchange.do(who, "hangup")
        self.stage.until(lambda: not who.is_in_call and not who.is_ringing, "it is over")

    def _stays(self, who: Telephone, _rest: str) -> None:
        """In the call, for as long as it takes to be joined with whoever is dialled without a conference."""
        time.sleep(0.8)
        assert who.is_in_call, "it is over"

    def _loses(self, who: Telephone, _rest: str) -> None:
        """``loses the browser``: the telephone in it dies with it."""
        self.exchange.detach(who)

    def _is(self, who: Telephone, _rest: str) -> None:
        """``is over``."""
        self.stage.until(lambda: not who.is_in_call and not who.is_ringing, "it is over")

    # The world

    def _time_passes(self, rest: str) -> None:
        number, unit = rest.split()
        self.stage.house.clock.advance(timedelta(seconds=float(number) * SECONDS[unit]))
        self.stage.wake()

    def _time_is(self, rest: str) -> None:
        self.stage.house.clock.begin_at(datetime.fromisoformat(f"{rest}:00-06:00"))
        self.stage.wake()

    def _carrier_fails(self, rest: str) -> None:
        """``fails rest_500=1 lost=0.5``."""
        self.stage.is_whole = False
        self.exchange.fail(**{name: float(value) for name, _, value in (word.partition("=") for word in rest.split())})

    def _carrier_recovers(self, _rest: str) -> None:
        self.exchange.fail()
        self.stage.is_whole = True

    def _web_stops(self, _rest: str) -> None:
        self.stage.house.stop_web()

    def _web_starts(self, _rest: str) -> None:
        self.stage.house.start_web()

    def _desk_stops(self, _rest: str) -> None:
        self.stage.stop_desk()

    def _desk_starts(self, _rest: str) -> None:
        self.stage.start_desk()

    def _desk_reconciles(self, _rest: str) -> None:
        self.stage.reconcile()
