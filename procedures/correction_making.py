"""A correction that was decided is made in the padrón, and a text tells the telephone that the padrón has (R40)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import UnknownBeneficiary
from cases.corrections import corrections, deciding
from cases.corrections.corrections import BY, Correction, CorrectionKind
from cases.corrections.proposed import Datum
from cases.events import CorrectionAct, EventKind, note
from core import post
from core.clock import Clock
from core.database import Database
from core.phones import is_mobile
from core.post import TextMessage
from core.privacy import Vault
from procedures.correction_letters import Letters
from procedures.guarding import once_of
from procedures.reaching import Reaching

_NOT_THERE = "El padrón no tiene a esa persona: no se cambió nada, y queda por decidir."
#: The kind of the text; its sentence has the same name.
TEXTS: Mapping[Datum, str] = MappingProxyType(
    {
        Datum.BIRTH_DATE: "birth_date_corrected",
        Datum.NAME: "name_corrected",
        Datum.BOTH: "name_and_birth_date_corrected",
    }
)
_TEXTED = {
    Datum.BIRTH_DATE: "su fecha de nacimiento cambió, sin decir cuál es",
    Datum.NAME: "su nombre cambió, sin decir cuál es",
    Datum.BOTH: "su nombre y su fecha de nacimiento cambiaron, sin decir cuáles son",
}


@dataclass(frozen=True)
class Making:
    """What it needs."""

    db: Database
    vault: Vault
    clock: Clock
    padron: Padron
    reaching: Reaching
    letters: Letters

    def make(self, number: int) -> Correction:
        """In the padrón and then here: said twice, the padrón is changed once.

        Raises UnknownBeneficiary: it waits to be decided again; RegistryDown: whether the padrón has it is not known.
        """
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        phone = None
        if asked.kind is CorrectionKind.IDENTITY and asked.proposed:
            phone = self._write_into_the_padron(asked)
        how_told = self.reaching.how_told(asked.case_id, asked.line, is_decided=True)
        with self.db.begin() as tx:
            now = self.clock.now()
            done = deciding.finish(tx, self.vault, now, number)
            if done is None:
                return corrections.one(tx, self.vault, number)
            self.letters.reply(tx, now, done, how_told)
            if phone is not None and done.proposed.datum is not None:
                self._text(tx, now, done, phone, done.proposed.datum)
        return done

    def make_again(self, number: int) -> bool:
        """Nobody is at the screen any more: who decided it is written to where it cannot be."""
        try:
            self.make(number)
        except UnknownBeneficiary:
            with self.db.begin() as tx:
                left = corrections.one(tx, self.vault, number)
                self.letters.give_back(tx, self.clock.now(), left, _NOT_THERE)
        return True

    def _write_into_the_padron(self, asked: Correction) -> str | None:
        """The telephone that the padrón has."""
        born, name = asked.proposed.birth_date, asked.proposed.name
        try:
            if name:  # first: a padrón that cannot take it yet (docs/registry-api.md) keeps its date as well
                self.padron.correct_name(asked.document, name, act_of(asked))
            if born is not None:
                self.padron.correct_birth_date(asked.document, born, act_of(asked))
        except UnknownBeneficiary:
            with self.db.begin() as tx:
                deciding.give_back(tx, self.vault, self.clock.now(), asked.id, _NOT_THERE)
            raise
        holder = self.padron.find(asked.document)
        return holder.phone or None if holder is not None else None

    def _text(self, tx: Connection, now: datetime, done: Correction, phone: str, datum: Datum) -> None:
        told = TextMessage(
            TEXTS[datum],
            phone,
            done.line,
            prompt=f"sms.{TEXTS[datum]}",
            case_id=done.case_id,
            once=once_of(done.id),
        )
        post.leave(tx, self.vault, now, told)
        if not is_mobile(phone):
            return  # the minute says that it never comes (guarding.py)
        about: dict[str, Any] = {"case_id": done.case_id, "correction": done.id, "act": CorrectionAct.TEXTED}
        said = f"Se le escribe al teléfono del padrón que {_TEXTED[datum]}."
        note(tx, self.vault, now, BY, EventKind.CORRECTION, **about, state=done.state, text=said)


def act_of(asked: Correction) -> str:
    """By which the padrón knows what it was told already."""
    return f"correction:{asked.id}"
