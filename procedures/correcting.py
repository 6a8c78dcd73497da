"""The correction loop (R36–R41): asked for, looked into, made in the padrón or refused, and told to the citizen by a
call to the telephone that the padrón has, which they prove to be theirs."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import Beneficiary, RegistryDown
from campaigns import one_person
from campaigns.campaign_line import CampaignLine
from campaigns.one_person import OnePerson
from cases import corrections, household
from cases.consultations import close_case
from cases.corrections import Correction, CorrectionKind, CorrectionState
from core import post
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.mail_address import address_key
from core.post import Letter, TextMessage
from core.privacy import Vault
from core.roles import Role
from procedures.facts import Proof, proof_of
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

BY = "system"  #: who closes a case whose citizen was told
PIN = "pin"  #: the conversation that they may go on to
_MESSAGES = {
    CorrectionState.ACTUALIZADA: "procedures.corrected",
    CorrectionState.RECHAZADA: "procedures.refused",
}
_VENTANILLA = "Que pase por Ventanilla con su documento."

#: E-mails of whoever has one of these roles.
People = Callable[[Connection, Collection[Role]], list[str]]


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

    def ask(self, tx: Connection, case_id: int, actor: str, detail: str, proposed: date | None = None) -> int:
        """Asks for it, and writes to whoever decides; its number (R39, R40).

        Raises NoSuchCase, CannotAsk, TextMissing.
        """
        now = self.clock.now()
        number = corrections.ask(tx, self.vault, now, case_id, actor, detail, proposed)
        asked = corrections.one(tx, self.vault, number)
        told = (f"Hay una corrección por revisar: {asked.kind.label.lower()}, caso {case_id}.", _COMPARE)
        for email in self.people(tx, asked.kind.roles):
            if email != actor:
                self._write(tx, now, asked, "correction_asked", email, told)
        return number

    def correct(self, number: int, actor: str, source: str, reason: str) -> Correction:
        """Puts it right in the padrón and then here: said twice, the padrón is changed once (R40). A text tells the
        telephone that the padrón has.

        Raises NoSuchCorrection, AlreadyDecided, OwnRequest, TextMissing; RegistryDown, UnknownBeneficiary, with nothing
        decided.
        """
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        corrections.may_decide(asked, actor)
        corrections.check_reason(CorrectionState.ACTUALIZADA, reason, source)
        if asked.kind is CorrectionKind.BIRTH_DATE and asked.proposed is not None:
            self.padron.correct_birth_date(asked.document, asked.proposed, made_by=f"correction:{number}")
        holder = self.padron.find(asked.document)
        with self.db.begin() as tx:
            now = self.clock.now()
            state = CorrectionState.ACTUALIZADA
            done = corrections.decide(tx, self.vault, now, number, actor, state, reason, source)
            self._reply(tx, now, done)
            if holder is not None and holder.phone and done.kind is CorrectionKind.BIRTH_DATE:
                told = TextMessage(
                    "birth_date_corrected",
                    holder.phone,
                    done.line,
                    prompt="sms.birth_date_corrected",
                    case_id=done.case_id,
                    once=f"correction:{number}:text",
                )
                post.leave(tx, self.vault, now, told)
        return done

    def refuse(self, number: int, actor: str, reason: str) -> Correction:
        """Raises NoSuchCorrection, AlreadyDecided, OwnRequest, TextMissing."""
        with self.db.begin() as tx:
            now = self.clock.now()
            done = corrections.decide(tx, self.vault, now, number, actor, CorrectionState.RECHAZADA, reason)
            self._reply(tx, now, done)
        return done

    def follow(self) -> int:
        """Calls those who do not know yet, and writes down who was told; how many of either. One that fails does not
        keep the others from it, and the next minute's tries again."""
        with self.db.begin() as tx:
            waiting = corrections.untold(tx, self.vault)
        done = 0
        for each in waiting:
            try:
                done += self._call(each) if each.campaign_id is None else self._conclude(each, each.campaign_id)
            except RegistryDown:
                log.warning("correction %s waits for the padrón", each.id)
        return done

    def _call(self, each: Correction) -> bool:
        """R41: in legal hours, on a telephone that was in the padrón already, and proved."""
        holder = self.padron.find(each.document)
        with self.db.begin() as tx:
            now = self.clock.now()
            if corrections.locked(tx, self.vault, each.id) != each:
                return False
            told_bill = household.of_case(tx, self.vault, each.case_id).bill
            proof = proof_of(holder, told_bill, self._today(each.line)) if holder is not None else None
            if holder is None or not holder.phone or proof is None:
                self._give_up(tx, now, each, "No hay en el padrón cómo llamarle y saber que es la persona.")
                return True
            campaign_id = one_person.call(tx, self.vault, now, self.lines[each.line], self._person(each, holder, proof))
            corrections.is_called_by(tx, each.id, campaign_id)
        return True

    def _conclude(self, each: Correction, campaign_id: int) -> bool:
        with self.db.begin() as tx:
            ended, now = one_person.ended(tx, campaign_id), self.clock.now()
            if ended is None or corrections.locked(tx, self.vault, each.id) != each:
                return False
            one_person.close(tx, now, campaign_id)
            if not ended.was_reached:
                outcome = ended.outcome.label if ended.outcome else "no se le llamó"
                self._give_up(tx, now, each, f"No se le pudo avisar por teléfono ({outcome.lower()}).")
                return True
            corrections.was_told(tx, self.vault, now, each.id, "Se le avisó por teléfono.")
            close_case(tx, self.vault, now, each.case_id, BY, f"{each.state.label}. Se le avisó por teléfono.")
        return True

    def _today(self, line: str) -> date:
        return self.clock.now().astimezone(COUNTRIES[self.lines[line].known.country].zone).date()

    def _give_up(self, tx: Connection, now: datetime, each: Correction, why: str) -> None:
        """The case waits for the person, or for whoever asked for it."""
        corrections.was_told(tx, self.vault, now, each.id, f"{why} {_VENTANILLA}")
        self._write(tx, now, each, "correction_untold", each.asked_by, (why, _VENTANILLA))

    def _person(self, each: Correction, holder: Beneficiary, proof: Proof) -> OnePerson:
        catalog, values = self.catalogs[each.line], self.values[each.line]
        is_made = each.state is CorrectionState.ACTUALIZADA
        return OnePerson(
            name=f"Corrección {each.id}",
            document=each.document,
            first_name=holder.name.split()[0].capitalize(),
            phone=holder.phone or "",
            question=catalog.say(proof.prompt, values).text,
            answer=proof.answer,
            message=catalog.say(_MESSAGES[each.state], values).text,
            carries_to=PIN if is_made else None,
        )

    def _reply(self, tx: Connection, now: datetime, done: Correction) -> None:
        """To whoever asked for it (R40)."""
        told = (
            f"La corrección del caso {done.case_id} quedó {done.state.label.lower()}.",
            "El sistema llama a la persona al teléfono del padrón, en horas hábiles, y cierra el caso cuando lo sepa.",
        )
        self._write(tx, now, done, "correction_decided", done.asked_by, told)

    def _write(self, tx: Connection, now: datetime, about: Correction, kind: str, to: str, told: Iterable[str]) -> None:
        link = f"{self.public_url}/casos/correcciones/{about.id}"
        paragraphs = ("Buen día:", *told, f"Entre con su cuenta para verla:\n{link}", _NOBODY_NAMED)
        letter = Letter(
            kind,
            to,
            f"Caso {about.case_id}: corrección del padrón",
            "\n\n".join(paragraphs) + "\n",
            line=about.line,
            case_id=about.case_id,
            once=f"{kind}:{about.id}:{address_key(self.vault, to)}",
        )
        post.leave(tx, self.vault, now, letter)


_COMPARE = "Antes de corregir, compárela con una fuente que no sea quien llamó, y escriba con cuál."
_NOBODY_NAMED = "Por seguridad, en este correo no se escribe ningún dato de la persona."
