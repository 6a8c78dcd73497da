"""The conversation engine: one turn in, one answer out. It knows silence, wrong keys and repeated webhooks.

An answer is plain and holds no personal data: the keys of the sentences, and what comes next. It is kept in the
call's row; a repeated webhook is answered by rendering it again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ivr.calls import Call
from ivr.flow import BACK, REPEAT, Ask, Flow, HangUp, Join, Kind, Result, Say, Step, TakeMessage, Transfer

_BETWEEN_KEYS = 2  # seconds after a key that may begin an extension (the carrier counts whole ones)
_LONGEST_CHAIN = 50  # steps without a question between them: more is a loop
_LOOKS = 8  # a second apart, for the padrón's answer: longer than anybody waits for it (beneficiaries/patience.py)
#: Remembered: the step that follows where the call would end, such as the way back to the operator.
INSTEAD_OF_GOODBYE = "_instead_of_goodbye"
_ASKING_AGAIN = ("common.silence", "common.invalid_key")

Answer = dict[str, Any]


class Lost(Exception):
    """A flow went round in circles, or named a step that does not exist."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def find(flows: Mapping[str, Flow], path: str) -> Step | None:
    """The step of an address such as ``pin/ask_document``, or None."""
    flow, _, name = path.partition("/")
    return flows[flow].steps.get(name) if flow in flows else None


def enter(call: Call, step: Step) -> Answer:
    """Begins a call at a step, or leaves whatever was going on for it: a machine answered, something failed."""
    call.turn += 1
    call.tries = 0
    return _go(call, step)


def turn(call: Call, step: Step, number: int, given: str) -> Answer:
    """Answers keys (or, at a ``joined`` step, what came of a transfer).

    ``number`` is the turn that the address carried: one that was answered already gets the same answer again.
    """
    if number != call.turn or call.answer.get("next") != step.path:
        return call.answer
    if step.kind is Kind.TOLD:
        return _look_again(call)
    call.turn += 1
    if step.kind is Kind.JOINED:
        return _go(call, step.run(call, given))
    if not given:
        return _go(call, step.on_silence) if step.on_silence else _again(call, step, Say("common.silence"))
    call.has_keyed = True
    return _choose(call, step, given) if step.kind is Kind.MENU else _follow(call, step, step.run(call, given))


def is_still_asking(call: Call, asked: Answer) -> bool:
    """Whether the call waits where ``asked`` left it; else it was taken elsewhere meanwhile."""
    return (call.turn, call.answer.get("next")) == (asked["turn"], asked["next"])


def go_on(call: Call, follow: Callable[[Call], Result]) -> Answer:
    """Goes on after the padrón was asked; ``follow`` is what comes of it."""
    call.turn += 1
    return _go(call, follow(call), call.answer["before"])


def _look_again(call: Call) -> Answer:
    """Another webhook asks the padrón. One that never comes back, its process having died, is not waited for."""
    looks = call.answer["looks"] + 1
    if looks <= _LOOKS:
        call.answer = {**call.answer, "looks": looks}
        return call.answer
    call.turn += 1
    return _go(call, find(call.world.flows, call.answer["otherwise"]), call.answer["before"])


def _follow(call: Call, step: Step, result: Result) -> Answer:
    """Where keys lead back to the step that asked for them, they were no good answer."""
    sentences, end = _parts(result)
    if end is step:
        return _again(call, step, *sentences)
    call.tries = 0
    return _go(call, result)


def _choose(call: Call, step: Step, key: str) -> Answer:
    way = step.run(call).get(key)
    if way is None and step.longer is not None:
        return _follow(call, step, step.longer(call, key))
    if way is None:
        return _again(call, step, Say("common.invalid_key"))
    call.tries = 0
    if way is REPEAT:
        return _ask(call, step, [Say(key) for key in call.get("_before", [])])
    return _go(call, _menu_before(call, step) if way is BACK else way)


def _again(call: Call, step: Step, *sentences: Say) -> Answer:
    """Asks again, twice; the third time the flow gives up, which is never a dead end."""
    call.tries += 1
    if call.tries < call.world.tries:
        return _ask(call, step, list(sentences))
    call.tries = 0
    if step.flow.give_up is None:
        raise Lost
    wrong = [say for say in sentences if say.key not in _ASKING_AGAIN]
    return _go(call, (*wrong, step.flow.give_up))


def _menu_before(call: Call, step: Step) -> Step:
    """The menu from which this one was entered; the first of all leads to itself."""
    visited = [path for path in call.get("_menus", []) if path != step.path]
    call.remember(_menus=visited)
    return (find(call.world.flows, visited[-1]) if visited else None) or step


def _go(call: Call, result: Result, before: Iterable[str] = ()) -> Answer:
    """Follows what a step returned, sentences first, through steps that ask nothing, to where the call waits."""
    said = [Say(key) for key in before]
    for _ in range(_LONGEST_CHAIN):
        sentences, end = _parts(result)
        said += sentences
        match end:
            case Step(kind=Kind.QUESTION | Kind.MENU):
                return _ask(call, end, said)
            case Step(kind=Kind.STEP):
                result = end.run(call)
            case Transfer() | Join() | TakeMessage():
                return _answer(call, said, next=end.then.path, **_handed_over(end))
            case Ask() if call.world.registry.is_elsewhere:
                return _ask_elsewhere(call, said, end)
            case Ask(question, then):
                result = then.run(call, question(call.world.registry, call.tx))
            case HangUp():
                back = find(call.world.flows, call.get(INSTEAD_OF_GOODBYE) or "")
                if back is None:
                    return _answer(call, said, next=None)
                call.forget(INSTEAD_OF_GOODBYE)
                result = back
            case _:
                raise Lost
    raise Lost


def _handed_over(end: Transfer | Join | TakeMessage) -> Answer:
    match end:
        case Transfer(number, _, ring, tones, asks):
            return {"dial": number, "ring": ring, "tones": tones, "asks": asks}
        case Join(room_id):
            return {"room": room_id}
        case TakeMessage(_, seconds):
            return {"record": seconds}


def _ask_elsewhere(call: Call, said: list[Say], asked: Ask) -> Answer:
    """The turn ends here: what it has to say is kept for after the padrón's answer."""
    call.asking = asked
    before = [say.key for say in said]
    return _answer(call, [], next=asked.then.path, otherwise=asked.otherwise.path, before=before, looks=0)


def _parts(result: Result) -> tuple[list[Say], Any]:
    """What is said, and what comes after it."""
    *sentences, end = result if isinstance(result, tuple) else (result,)
    return sentences, end


def _ask(call: Call, step: Step, said: list[Say]) -> Answer:
    if step.kind is Kind.MENU:
        visited = [path for path in call.get("_menus", []) if path != step.path]
        call.remember(_menus=[*visited, step.path])
    call.remember(_before=[say.key for say in said if say.key not in _ASKING_AGAIN])
    rest = {"next": step.path, "digits": step.digits_for(call), "timeout": step.timeout}
    if step.longer is not None:
        rest["patience"] = _BETWEEN_KEYS
    return _answer(call, [*said, *step.says(call)], **rest)


def _answer(call: Call, said: list[Say], **rest: Any) -> Answer:
    call.answer = {"say": [say.key for say in said], "turn": call.turn, **rest}
    return call.answer
