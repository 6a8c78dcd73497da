"""A person whom the padrón has as «No activo» or «−1 No generado», made active for their consultation (C12 of the DGS,
R18): by somebody who did not write it, who says what they compared it with."""

from dataclasses import dataclass

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import Standing
from cases.attentions.conversation import has_written
from cases.consultations.consultations import CaseState, close_case, contact_of, one_case
from cases.problem import TextMissing
from core.clock import Clock
from core.database import Database
from core.privacy import Vault

ASKED_IN = frozenset({"C12", "NO_ACTIVO"})  #: the consultations that are about it
NOT_HERE = "En esta consulta no se activa a nadie, o ya está cerrada."
NO_DOCUMENT = "El caso no tiene documento: pídalo antes de activar a la persona."
OWN = "Usted escribió en esta consulta: la activa otra persona de Coordinación o Supervisión."
IS_ACTIVE = "La persona ya está activa en el padrón: cierre el caso, con lo que se le dijo."


class CannotActivate(Exception):
    """The case does not allow it. The message is a sentence in Spanish."""


@dataclass(frozen=True)
class Activating:
    """What it needs. No transaction is open where the padrón is asked."""

    db: Database
    vault: Vault
    clock: Clock
    padron: Padron

    def look(self, case_id: int, actor: str) -> Standing | None:
        """How the person of a case stands now; None: the padrón does not have them.

        Raises CannotActivate: also where nothing is left to do, or ``actor`` may not; RegistryDown.
        """
        with self.db.begin() as tx:
            document = self._document(tx, case_id, actor)
        found = self.padron.find(document)
        if found is not None and found.standing is Standing.ACTIVO:
            raise CannotActivate(IS_ACTIVE)
        return found.standing if found else None

    def activate(self, case_id: int, actor: str, words: str) -> None:
        """Makes them active and closes the case with what was compared; said twice, it is done once.

        Raises CannotActivate, TextMissing; UnknownBeneficiary, RegistryDown, with nothing closed.
        """
        if not words.strip():
            raise TextMissing
        with self.db.begin() as tx:
            document = self._document(tx, case_id, actor)
        self.padron.set_standing(document, Standing.ACTIVO, made_by=f"case:{case_id}")
        with self.db.begin() as tx:
            close_case(tx, self.vault, self.clock.now(), case_id, actor, f"Quedó activa en el padrón. {words.strip()}")

    def _document(self, tx: Connection, case_id: int, actor: str) -> str:
        case = one_case(tx, self.vault, case_id)
        if case is None or case.subject.code not in ASKED_IN or case.state is not CaseState.PENDIENTE:
            raise CannotActivate(NOT_HERE)
        if case.opened_by == actor or has_written(tx, case_id, actor):
            raise CannotActivate(OWN)
        document = contact_of(tx, self.vault, case_id).document
        if not document:
            raise CannotActivate(NO_DOCUMENT)
        return document
