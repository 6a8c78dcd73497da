"""The citizen of a correction that was decided is called back, on the telephone of the padrón, and says who they are by
what they did not tell us (R41)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from beneficiaries.registry import Beneficiary
from campaigns import one_person
from campaigns.campaign_line import CampaignLine
from campaigns.one_person import OnePerson
from cases import tasks
from cases.consultations.consultations import close_case
from cases.corrections import corrections, telling
from cases.corrections.corrections import BY, Correction, CorrectionKind, CorrectionState
from cases.corrections.proposed import Datum
from cases.events import CorrectionAct
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from procedures.correction_letters import Letters
from procedures.correction_making import act_of
from procedures.facts import Proof, told_about
from procedures.guarding import Announced, announced
from procedures.reaching import Reaching
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

PIN = "pin"  #: the conversation that they may go on to
_REFUSED = "procedures.refused"
_CORRECTED: Mapping[Datum | None, str] = MappingProxyType(
    {
        Datum.BIRTH_DATE: "procedures.birth_date_corrected",
        Datum.NAME: "procedures.name_corrected",
        Datum.BOTH: "procedures.name_and_birth_date_corrected",
    }
)
_SOLVED = {
    CorrectionKind.PIN: "procedures.pin_solved",
    CorrectionKind.NO_HISTORY: "procedures.history_solved",
}
_TOLD = "Se le avisó por teléfono."
_VENTANILLA = "Que pase por Ventanilla con su documento."


@dataclass(frozen=True)
class CallingBack:
    """What it needs. ``lines``, ``catalogs``, ``values`` (what its sentences may say): by the line's id."""

    db: Database
    vault: Vault
    clock: Clock
    reaching: Reaching
    letters: Letters
    lines: Mapping[str, CampaignLine]
    catalogs: Mapping[str, Catalog]
    values: Mapping[str, Mapping[str, str]]

    def call(self, number: int) -> bool:
        """In legal hours, on a telephone that was in the padrón already, and proved; once the text that announces the
        change has come there, or never can.

        The text goes first and stays on that telephone, whoever answers the call. Where it never comes the call is
        made all the same, as the only thing that still tells the holder; but it does not lead on to a new PIN: at a
        telephone of the house anybody answers, and the bill that proves who they are hangs in its kitchen.
        """
        with self.db.begin() as tx:
            each = corrections.one(tx, self.vault, number)
            how = announced(tx, self.clock.now(), number)
        if how is Announced.WAITS:
            return False
        if each.line not in self.lines:
            log.warning("correction %s waits for its line", number)
            return False
        holder = self._as_corrected(each, self.reaching.padron.find(each.document))
        with self.db.begin() as tx:
            now = self.clock.now()
            if corrections.locked(tx, self.vault, number) != each:
                return False
            told = told_about(tx, self.vault, each.document, each.case_id)
            way = self.reaching.way_to(holder, told, each.line)
            if isinstance(way, str):
                self._give_up(tx, now, each, way)
                return True
            person = self._person(each, *way, may_lead_on=how is not Announced.NEVER)
            campaign_id = one_person.call(tx, self.vault, now, self.lines[each.line], person)
            corrections.is_called_by(tx, number, campaign_id)
        return True

    def conclude(self, number: int) -> bool:
        """The call is over: the case is closed, unless something else is to be done about it, or somebody is to tell
        them."""
        with self.db.begin() as tx:
            each, now = corrections.locked(tx, self.vault, number), self.clock.now()
            ended = one_person.ended(tx, each.campaign_id) if each.campaign_id is not None else None
            if ended is None or each.campaign_id is None or each.told_at is not None:
                return False
            one_person.close(tx, now, each.campaign_id)
            if not ended.was_reached:
                outcome = ended.outcome.label if ended.outcome else "no se le llamó"
                self._give_up(tx, now, each, f"No se le pudo avisar por teléfono ({outcome.lower()}). {_VENTANILLA}")
                return True
            telling.is_needless(tx, self.vault, now, number, _TOLD)
            left = tasks.tasks_of(tx, self.vault, [each.case_id]).get(each.case_id, [])
            if left:
                still = f"{_TOLD} El caso sigue abierto: falta «{'», «'.join(task.kind.label for task in left)}»."
                corrections.was_told(tx, self.vault, now, number, still)
                tasks.say_in_closing(tx, self.vault, each.case_id, f"{each.state.label}. {still}")
            else:
                corrections.was_told(tx, self.vault, now, number, _TOLD)
                close_case(tx, self.vault, now, each.case_id, BY, f"{each.state.label}. {_TOLD}")
        return True

    def _as_corrected(self, each: Correction, holder: Beneficiary | None) -> Beneficiary | None:
        """With the name that they are told of: the version before this one decides of a name as well, and writes none.
        Where it was written, the same act changes nothing."""
        if holder is None or each.state is not CorrectionState.ACTUALIZADA or each.proposed.name in ("", holder.name):
            return holder
        self.reaching.padron.correct_name(each.document, each.proposed.name, act_of(each))
        return replace(holder, name=each.proposed.name)

    def _give_up(self, tx: Connection, now: datetime, each: Correction, why: str) -> None:
        """The case waits for the person, and whoever asked for it is to tell them."""
        corrections.was_told(tx, self.vault, now, each.id, why, CorrectionAct.UNTOLD)
        role, person = self._who_tells(tx, each)
        is_theirs = telling.leave(tx, self.vault, now, each, why, role=role, person=person)
        self.letters.leave_telling(tx, now, each, why, is_theirs=is_theirs)

    def _who_tells(self, tx: Connection, each: Correction) -> tuple[Role, str | None]:
        """Whoever asked for it; where they are there no more, the operators."""
        for role in Role:
            if each.asked_by in self.letters.people(tx, (role,), each.line):
                return role, each.asked_by
        return Role.OPERADOR, None

    def _person(
        self, each: Correction, holder: Beneficiary, phone: str, proof: Proof, *, may_lead_on: bool
    ) -> OnePerson:
        catalog, values = self.catalogs[each.line], self.values[each.line]
        return OnePerson(
            name=f"Corrección {each.id}",
            document=each.document,
            first_name=holder.name.split()[0].capitalize(),
            phone=phone,
            question=catalog.say(proof.prompt, values).text,
            answer=proof.answer,
            message=catalog.say(_sentence(each), values).text,
            carries_to=PIN if may_lead_on and _leads_to_a_pin(each) else None,
        )


def _sentence(each: Correction) -> str:
    if each.state is not CorrectionState.ACTUALIZADA:
        return _REFUSED
    return _SOLVED.get(each.kind) or _CORRECTED[each.proposed.datum]


def _leads_to_a_pin(each: Correction) -> bool:
    """A name stops nobody on that line."""
    return each.state is CorrectionState.ACTUALIZADA and each.proposed.datum is not Datum.NAME
