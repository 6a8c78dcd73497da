"""The correction loop (R36–R41): asked for, looked into, made in the padrón (correction_making.py) or refused, and told
to the citizen by a call to the telephone that the padrón has, which they prove to be theirs (correction_calls.py)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import RegistryDown
from campaigns import one_person
from campaigns.campaign_line import CampaignLine
from cases.corrections import asking, corrections, deciding
from cases.corrections.asking import NOTHING, Asked
from cases.corrections.corrections import Correction, CorrectionState
from cases.corrections.deciding import NothingToCorrect
from cases.corrections.proposed import Proposed
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.privacy import Vault
from procedures.correction_calls import CallingBack
from procedures.correction_letters import Letters
from procedures.correction_making import Making
from procedures.guarding import Guarding
from procedures.letters import People
from procedures.reaching import Reaching
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

_STILL_AT_IT = timedelta(minutes=1)  # whoever decided it may be waiting for the padrón


@dataclass(frozen=True)
class Corrections:
    """What the loop needs. ``lines``, ``catalogs``, ``values`` (what its sentences may say): by the line's id."""

    db: Database
    vault: Vault
    clock: Clock
    padron: Padron
    lines: Mapping[str, CampaignLine]
    catalogs: Mapping[str, Catalog]
    values: Mapping[str, Mapping[str, str]]
    public_url: str
    people: People

    def ask(self, tx: Connection, case_id: int, actor: str, detail: str, proposed: Proposed = NOTHING) -> Asked:
        """Asks for it, and writes to whoever decides (R39, R40).

        Raises NoSuchCase, CannotAsk, TextMissing.
        """
        now = self.clock.now()
        done = asking.ask(tx, self.vault, now, case_id, actor, detail, proposed)
        self._letters.ask(tx, now, corrections.one(tx, self.vault, done.number), case_id, actor)
        return done

    @property
    def reaching(self) -> Reaching:
        return Reaching(self.db, self.vault, self.clock, self.padron, self.lines)

    def correct(self, number: int, actor: str, source: str, reason: str) -> Correction:
        """Decides that it is made, and puts it right in the padrón and then here: said twice, the padrón is changed
        once (R40). A text tells the telephone that the padrón has.

        Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen, TextMissing; NothingToCorrect: a text of what did
        not happen would only frighten; UnknownBeneficiary, with nothing decided; RegistryDown: it is decided, whether
        the padrón has it is not known, and ``follow`` goes on with it.
        """
        if self._is_so_already(number):
            raise NothingToCorrect
        with self.db.begin() as tx:
            deciding.begin(tx, self.vault, self.clock.now(), number, actor, reason=reason, source=source)
        return self._making.make(number)

    def _is_so_already(self, number: int) -> bool:
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        if not asked.proposed or asked.state is not CorrectionState.SOLICITADA:
            return False
        try:
            holder = self.padron.find(asked.document)
        except RegistryDown:
            return False  # it is asked again when it is made
        return holder is not None and asked.proposed.adds_nothing_to(Proposed(holder.birth_date, holder.name))

    def refuse(self, number: int, actor: str, reason: str) -> Correction:
        """Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen, TextMissing."""
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        how_told = self.reaching.how_told(asked.case_id, asked.line, is_decided=True)
        with self.db.begin() as tx:
            now = self.clock.now()
            done = deciding.refuse(tx, self.vault, now, number, actor, reason)
            self._letters.reply(tx, now, done, how_told)
        return done

    @property
    def guarding(self) -> Guarding:
        return Guarding(self.db, self.vault, self.clock, self._letters, self.lines)

    def follow(self) -> int:
        """Makes what was decided and never came to its end, calls those who do not know yet, and writes down who was
        told; how many of all. One that fails does not keep the others from it, and the next minute's tries again."""
        with self.db.begin() as tx:
            half_made = deciding.left_half_made(tx, self.clock.now() - _STILL_AT_IT)
            untold = corrections.untold(tx)
            over = one_person.over_among(tx, [campaign_id for _, campaign_id in untold if campaign_id is not None])
        uncalled = [number for number, campaign_id in untold if campaign_id is None]
        told = [number for number, campaign_id in untold if campaign_id in over]
        done = _each(self._making.make_again, half_made) + _each(self._calling.call, uncalled)
        done += _each(self._calling.conclude, told)
        with self.db.begin() as tx:
            one_person.close_ended(tx, self.clock.now())
        return done

    @property
    def _letters(self) -> Letters:
        return Letters(self.vault, self.public_url, self.people)

    @property
    def _making(self) -> Making:
        return Making(self.db, self.vault, self.clock, self.padron, self.reaching, self._letters)

    @property
    def _calling(self) -> CallingBack:
        said = (self.lines, self.catalogs, self.values)
        return CallingBack(self.db, self.vault, self.clock, self.reaching, self._letters, *said)


def _each(what: Callable[[int], bool], numbers: Iterable[int]) -> int:
    return sum(_one(what, number) for number in numbers)


def _one(what: Callable[[int], bool], number: int) -> bool:
    try:
        return what(number)
    except RegistryDown:
        log.warning("correction %s waits for the padrón", number)
    except Exception as problem:
        log.error("correction %s: %s", number, where(problem))
    return False
