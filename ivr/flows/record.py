"""What a campaign's conversation leads to: written down of its attempt; in a test call, of nobody.

A step says what came about and never asks which of the two it is.
"""

from collections.abc import Mapping
from typing import Protocol

from campaigns import conversation, redemption
from campaigns.forecast.trial import RIGHT_ANSWERS
from campaigns.states import Progress
from cases.orders import claims
from desk import promises
from ivr.calls import Call
from ivr.flow import Step
from ivr.flows.path import learnt, note


class Record(Protocol):
    """Everything that comes of a conversation beside what is said."""

    def mark(self, progress: Progress) -> None:
        """How far it came: the last thing that is certain."""

    def is_right(self, number: int, digits: str) -> bool:
        """Whether they answer security question ``number`` (0 is the first)."""

    def note_wrong_number(self) -> None:
        """Key 3: this telephone is not that person's."""

    def exclude_phone(self) -> None:
        """Key 8 before verification: this telephone wants no more calls."""

    def exclude_person(self) -> None:
        """Key 8 after it: this person wants none."""

    def keep_answers(self, answers: Mapping[str, str]) -> None:
        """All that was collected so far, by number of its recolectar_N: ``{"1": "2"}``."""

    def note_claim(self) -> None:
        """They did not redeem the subsidy and want to claim: a person has to confirm it (R46)."""

    def document(self) -> str | None:
        """Whose call it is; None where it cannot be told."""

    def promise_call(self) -> None:
        """Somebody calls them back about the claim, as soon as the line is attended."""

    def who_attends(self, person: Step, nobody: Step) -> Step:
        """Which of the two steps follows, where they are to talk with a person."""


def record_of(call: Call) -> Record:
    """A script with the right answers in it is about somebody invented (campaigns/forecast/trial.py)."""
    return TrialRecord(call) if RIGHT_ANSWERS in call.memory else AttemptRecord(call)


class AttemptRecord:
    """Writes it down, of the attempt that the call is."""

    def __init__(self, call: Call) -> None:
        assert call.attempt_id is not None, "a campaign's call always is an attempt"
        self._call, self._attempt_id = call, call.attempt_id

    def mark(self, progress: Progress) -> None:
        self._call.reached = progress  # written with the call, at the end of the turn

    def is_right(self, number: int, digits: str) -> bool:
        return conversation.is_right(self._call.reading, self._call.world.vault, self._attempt_id, number, digits)

    def note_wrong_number(self) -> None:
        conversation.note_wrong_number(self._call.tx, self._call.world.vault, self._call.now, self._attempt_id)

    def exclude_phone(self) -> None:
        conversation.exclude_phone(self._call.tx, self._call.world.vault, self._call.now, self._attempt_id)

    def exclude_person(self) -> None:
        conversation.exclude_person(self._call.tx, self._call.world.vault, self._call.now, self._attempt_id)

    def keep_answers(self, answers: Mapping[str, str]) -> None:
        conversation.keep_collected(self._call.tx, self._call.world.vault, self._attempt_id, dict(answers))

    def note_claim(self) -> None:
        call, vault = self._call, self._call.world.vault
        claimant = redemption.claimant_of(call.tx, vault, self._attempt_id)
        assert claimant is not None, "an attempt always is somebody's"
        claims.note_claim(
            call.tx,
            vault,
            call.now,
            attempt_id=self._attempt_id,
            line=call.line.id,
            document=claimant.document,
            phone=claimant.phone,
        )
        call.remember(document=claimant.document, _verified=bool(call["questions"]))
        note(call, "Reclama el cobro")

    def document(self) -> str | None:
        claimant = redemption.claimant_of(self._call.tx, self._call.world.vault, self._attempt_id)
        return claimant.document if claimant is not None else None

    def promise_call(self) -> None:
        call = self._call
        assert call.citizen is not None, "whom we called has a telephone"
        queue = call.line.desk.queue(call.get("_queue")).name
        where = {"line_id": call.line.id, "queue": queue, "phone": call.citizen}
        promises.make(call.tx, call.world.desk, call.now, **where, place_since=call.now, learnt=learnt(call))

    def who_attends(self, person: Step, nobody: Step) -> Step:
        return person


class TrialRecord:
    """Of a test call: nothing is written, and what is right is known from its script."""

    def __init__(self, call: Call) -> None:
        self._right_answers = call[RIGHT_ANSWERS]

    def mark(self, progress: Progress) -> None:
        """No attempt comes any further."""

    def is_right(self, number: int, digits: str) -> bool:
        return bool(digits == self._right_answers[number])

    def note_wrong_number(self) -> None:
        """Nobody's is wrong."""

    def exclude_phone(self) -> None:
        """Nobody's is excluded."""

    def exclude_person(self) -> None:
        """Nobody is excluded."""

    def keep_answers(self, answers: Mapping[str, str]) -> None:
        """Nobody gave them."""

    def note_claim(self) -> None:
        """Nobody claims."""

    def document(self) -> str | None:
        """Nobody's."""
        return None

    def promise_call(self) -> None:
        """Nobody is called."""

    def who_attends(self, person: Step, nobody: Step) -> Step:
        """It does not take a person from the citizens who wait."""
        return nobody
