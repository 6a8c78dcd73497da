"""Whether somebody can be called about a correction of theirs, and what they are told where they cannot (R41)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from beneficiaries.asked import Padron
from beneficiaries.registry import Beneficiary, RegistryDown
from campaigns.campaign_line import CampaignLine
from cases.consultations.consultations import contact_of
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.privacy import Vault
from procedures.facts import Proof, Told, proof_of, told_about

#: Who is called, on which telephone (E.164), and what proves that it is them; or why nobody can be, a sentence.
Way: TypeAlias = tuple[Beneficiary, str, Proof] | str

_NOT_THERE = "No está en el padrón y no podremos llamarle: que pase por Ventanilla."
_NO_PHONE = "Sin teléfono en el padrón no podremos llamarle: que pase por Ventanilla."
_NO_NAME = "Sin nombre en el padrón no podremos llamarle: que pase por Ventanilla."
_NO_PROOF = "Sin recibo no podremos llamarle: que pase por Ventanilla."
_LINE_GONE = "La línea de este caso ya no está en el servicio y no podremos llamarle: que pase por Ventanilla."
_WILL_BE = "Cuando se decida, se llama a la persona al teléfono del padrón."
_IS_CALLED = "Se llama a la persona al teléfono del padrón, en horas hábiles, y al saberlo se cierra el caso."
_PERHAPS = "El padrón no contesta, y no se sabe si podremos llamar a la persona: no se lo prometa."


@dataclass(frozen=True)
class Reaching:
    """What it needs. ``lines``: by their id."""

    db: Database
    vault: Vault
    clock: Clock
    padron: Padron
    lines: Mapping[str, CampaignLine]

    def way_to(self, holder: Beneficiary | None, told: Told, line: str) -> Way:
        """``holder``: as the padrón has them; ``told``: by whoever it was; ``line``: one of ``lines``."""
        if holder is None:
            return _NOT_THERE
        if not holder.phone:
            return _NO_PHONE
        if not holder.name.strip():
            return _NO_NAME
        today = self.clock.now().astimezone(COUNTRIES[self.lines[line].known.country].zone).date()
        proof = proof_of(holder, told, today)
        return (holder, holder.phone, proof) if proof is not None else _NO_PROOF

    def how_told(self, case_id: int, line: str, *, is_decided: bool = False) -> str:
        """How the person of a case will know of its correction, as whoever has them on the line may tell them: asked
        with no transaction open. Raises NoSuchCase."""
        if line not in self.lines:
            return _LINE_GONE
        with self.db.begin() as tx:
            document = contact_of(tx, self.vault, case_id).document
            told = told_about(tx, self.vault, document, case_id) if document else Told()
        try:
            holder = self.padron.find(document) if document else None
        except RegistryDown:
            return _PERHAPS
        way = self.way_to(holder, told, line)
        return way if isinstance(way, str) else (_IS_CALLED if is_decided else _WILL_BE)
