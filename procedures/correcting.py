"""The correction loop (R36–R41): asked for, looked into, made in the padrón or refused, and told to the citizen by a
call to the telephone that the padrón has, which they prove to be theirs."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from beneficiaries.asked import Padron
from beneficiaries.registry import Beneficiary, RegistryDown, UnknownBeneficiary
from campaigns import one_person
from campaigns.campaign_line import CampaignLine
from campaigns.one_person import OnePerson
from cases.attentions import household
from cases.consultations.consultations import close_case
from cases.corrections import asking, corrections, deciding, telling
from cases.corrections.asking import Asked
from cases.corrections.corrections import Correction, CorrectionKind, CorrectionState
from cases.events import CorrectionAct, EventKind, note
from core import post
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.mail_address import address_key
from core.post import Letter, TextMessage
from core.privacy import Vault
from core.roles import Role
from procedures.facts import Proof
from procedures.reaching import Reaching
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

BY = "system"  #: who closes a case whose citizen was told
PIN = "pin"  #: the conversation that they may go on to
_MESSAGES = {
    CorrectionState.ACTUALIZADA: "procedures.corrected",
    CorrectionState.RECHAZADA: "procedures.refused",
}
_VENTANILLA = "Que pase por Ventanilla con su documento."
_NOT_THERE = "El padrón no tiene a esa persona: no se cambió nada, y queda por decidir."
_STILL_AT_IT = timedelta(minutes=1)  # whoever decided it may be waiting for the padrón

#: E-mails of whoever has one of these roles and may see the line.
People = Callable[[Connection, Collection[Role], str], list[str]]


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

    def ask(self, tx: Connection, case_id: int, actor: str, detail: str, proposed: date | None = None) -> Asked:
        """Asks for it, and writes to whoever decides (R39, R40).

        Raises NoSuchCase, CannotAsk, TextMissing.
        """
        now = self.clock.now()
        done = asking.ask(tx, self.vault, now, case_id, actor, detail, proposed)
        asked = corrections.one(tx, self.vault, done.number)
        told = (f"Hay una corrección por revisar: {asked.kind.label.lower()}, caso {case_id}.", _COMPARE)
        for email in self.people(tx, asked.kind.roles, asked.line):
            if email != actor:
                self._write(tx, now, asked, "correction_asked", email, told)
        return done

    @property
    def reaching(self) -> Reaching:
        return Reaching(self.db, self.vault, self.clock, self.padron, self.lines)

    def correct(self, number: int, actor: str, source: str, reason: str) -> Correction:
        """Decides that it is made, and puts it right in the padrón and then here: said twice, the padrón is changed
        once (R40). A text tells the telephone that the padrón has.

        Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen, TextMissing; UnknownBeneficiary, with nothing
        decided; RegistryDown: it is decided, whether the padrón has it is not known, and ``follow`` goes on with it.
        """
        with self.db.begin() as tx:
            deciding.begin(tx, self.vault, self.clock.now(), number, actor, reason=reason, source=source)
        return self._make(number)

    def refuse(self, number: int, actor: str, reason: str) -> Correction:
        """Raises NoSuchCorrection, AlreadyDecided, OwnRequest, NotSeen, TextMissing."""
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        how_told = self.reaching.how_told(asked.case_id, asked.line, is_decided=True)
        with self.db.begin() as tx:
            now = self.clock.now()
            done = deciding.refuse(tx, self.vault, now, number, actor, reason)
            self._reply(tx, now, done, how_told)
        return done

    def follow(self) -> int:
        """Makes what was decided and never came to its end, calls those who do not know yet, and writes down who was
        told; how many of all. One that fails does not keep the others from it, and the next minute's tries again."""
        with self.db.begin() as tx:
            half_made = deciding.left_half_made(tx, self.clock.now() - _STILL_AT_IT)
            untold = corrections.untold(tx)
            over = one_person.over_among(tx, [campaign_id for _, campaign_id in untold if campaign_id is not None])
        uncalled = [number for number, campaign_id in untold if campaign_id is None]
        done = self._each(self._make_again, half_made) + self._each(self._call, uncalled)
        return done + self._each(self._conclude, [number for number, campaign_id in untold if campaign_id in over])

    def _each(self, what: Callable[[int], bool], numbers: Iterable[int]) -> int:
        return sum(self._one(what, number) for number in numbers)

    def _one(self, what: Callable[[int], bool], number: int) -> bool:
        try:
            return what(number)
        except RegistryDown:
            log.warning("correction %s waits for the padrón", number)
        except Exception as problem:
            log.error("correction %s: %s", number, where(problem))
        return False

    def _make(self, number: int) -> Correction:
        with self.db.begin() as tx:
            asked = corrections.one(tx, self.vault, number)
        phone = None
        if asked.kind is CorrectionKind.BIRTH_DATE and asked.proposed is not None:
            phone = self._write_into_the_padron(asked, asked.proposed)
        how_told = self.reaching.how_told(asked.case_id, asked.line, is_decided=True)
        with self.db.begin() as tx:
            now = self.clock.now()
            done = deciding.finish(tx, self.vault, now, number)
            if done is None:
                return corrections.one(tx, self.vault, number)
            self._reply(tx, now, done, how_told)
            if phone is not None:
                told = TextMessage(
                    "birth_date_corrected",
                    phone,
                    done.line,
                    prompt="sms.birth_date_corrected",
                    case_id=done.case_id,
                    once=f"correction:{number}:text",
                )
                post.leave(tx, self.vault, now, told)
                about: dict[str, Any] = {"case_id": done.case_id, "correction": number, "act": CorrectionAct.TEXTED}
                note(tx, self.vault, now, BY, EventKind.CORRECTION, **about, state=done.state, text=_TEXTED)
        return done

    def _write_into_the_padron(self, asked: Correction, proposed: date) -> str | None:
        """The telephone that the padrón has."""
        try:
            self.padron.correct_birth_date(asked.document, proposed, made_by=f"correction:{asked.id}")
        except UnknownBeneficiary:
            with self.db.begin() as tx:
                deciding.give_back(tx, self.vault, self.clock.now(), asked.id, _NOT_THERE)
            raise
        holder = self.padron.find(asked.document)
        return holder.phone or None if holder is not None else None

    def _make_again(self, number: int) -> bool:
        """Nobody is at the screen any more: who decided it is written to where it cannot be."""
        try:
            self._make(number)
        except UnknownBeneficiary:
            with self.db.begin() as tx:
                left = corrections.one(tx, self.vault, number)
                told = (f"La corrección del caso {left.case_id} no se pudo hacer. {_NOT_THERE}",)
                for email in self.people(tx, left.kind.roles, left.line):
                    self._write(tx, self.clock.now(), left, "correction_given_back", email, told)
        return True

    def _call(self, number: int) -> bool:
        """R41: in legal hours, on a telephone that was in the padrón already, and proved."""
        with self.db.begin() as tx:
            each = corrections.one(tx, self.vault, number)
        if each.line not in self.lines:
            log.warning("correction %s waits for its line", number)
            return False
        holder = self.padron.find(each.document)
        with self.db.begin() as tx:
            now = self.clock.now()
            if corrections.locked(tx, self.vault, number) != each:
                return False
            told_bill = household.of_case(tx, self.vault, each.case_id).bill
            way = self.reaching.way_to(holder, told_bill, each.line)
            if isinstance(way, str):
                self._give_up(tx, now, each, way)
                return True
            campaign_id = one_person.call(tx, self.vault, now, self.lines[each.line], self._person(each, *way))
            corrections.is_called_by(tx, number, campaign_id)
        return True

    def _conclude(self, number: int) -> bool:
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
            corrections.was_told(tx, self.vault, now, number, "Se le avisó por teléfono.")
            close_case(tx, self.vault, now, each.case_id, BY, f"{each.state.label}. Se le avisó por teléfono.")
        return True

    def _give_up(self, tx: Connection, now: datetime, each: Correction, why: str) -> None:
        """The case waits for the person, and whoever asked for it is to tell them."""
        corrections.was_told(tx, self.vault, now, each.id, why, CorrectionAct.UNTOLD)
        role, person = self._who_tells(tx, each)
        telling.leave(tx, self.vault, now, each, why, role=role, person=person)
        self._write(tx, now, each, "correction_untold", each.asked_by, (why, _TELL))

    def _who_tells(self, tx: Connection, each: Correction) -> tuple[Role, str | None]:
        """Whoever asked for it; where they are there no more, the operators."""
        for role in Role:
            if each.asked_by in self.people(tx, (role,), each.line):
                return role, each.asked_by
        return Role.OPERADOR, None

    def _person(self, each: Correction, holder: Beneficiary, phone: str, proof: Proof) -> OnePerson:
        catalog, values = self.catalogs[each.line], self.values[each.line]
        is_made = each.state is CorrectionState.ACTUALIZADA
        return OnePerson(
            name=f"Corrección {each.id}",
            document=each.document,
            first_name=holder.name.split()[0].capitalize(),
            phone=phone,
            question=catalog.say(proof.prompt, values).text,
            answer=proof.answer,
            message=catalog.say(_MESSAGES[each.state], values).text,
            carries_to=PIN if is_made else None,
        )

    def _reply(self, tx: Connection, now: datetime, done: Correction, how_told: str) -> None:
        """To whoever asked for it (R40)."""
        told = (f"La corrección del caso {done.case_id} quedó {done.state.label.lower()}.", how_told)
        self._write(tx, now, done, "correction_decided", done.asked_by, told)

    def _write(self, tx: Connection, now: datetime, about: Correction, kind: str, to: str, told: Iterable[str]) -> None:
        link = f"{self.public_url}/casos/correcciones/{about.id}"
        paragraphs = ("Buen día:", *told, f"Entre con su cuenta para verla:\n{link}", _NOBODY_NAMED)
        letter = Letter(
            kind=kind,
            to=to,
            subject=f"Caso {about.case_id}: corrección del padrón",
            body="\n\n".join(paragraphs) + "\n",
            line=about.line,
            case_id=about.case_id,
            once=f"{kind}:{about.id}:{address_key(self.vault, to)}",
        )
        post.leave(tx, self.vault, now, letter)


_COMPARE = "Antes de corregir, compárela con una fuente que no sea quien llamó, y escriba con cuál."
_TELL = "Le quedó la tarea de avisar a la persona."
_TEXTED = "Se le escribe al teléfono del padrón que su fecha de nacimiento cambió, sin decir cuál es."
_NOBODY_NAMED = "Por seguridad, en este correo no se escribe ningún dato de la persona."
