"""An answer of the engine → verbs for the carrier: the same answer renders the same way, as often as it is asked."""

from carrier.speaking import spoken
from carrier.verbs import Dial, Gather, Hangup, Pause, Play, Record, Redirect, Say, Verb
from carrier.webhook import TRY_AGAIN
from desk.joining import conference, label_of
from ivr.calls import Call
from ivr.engine import Answer
from ivr.line import Line
from ivr.world import World
from prompts.speech import farewell, greeting

_SORRY = ("common.trouble", "common.transferring")


def verbs_of(call: Call, answer: Answer) -> list[Verb]:
    """What the carrier is to do. Values come from what the call remembers and from its line."""
    values = {**line_values(call.world, call.line), **call.memory}
    said: list[Say | Play | Pause] = [_spoken(call.world, call.line, key, values) for key in answer["say"]]
    here = answer.get("next")
    if here is None:
        return [*said, Hangup()]
    action = f"{call.world.public_url}/voice/{here}?n={answer['turn']}{TRY_AGAIN}"
    if "dial" in answer:
        whisper = f"{call.world.public_url}/voice/desk/callee" if answer.get("asks") else ""
        more = {"ring_seconds": answer["ring"], "send_digits": answer["tones"], "whisper": whisper}
        return [*said, Dial(answer["dial"], action, call.line.numbers[0], **more)]
    if "looks" in answer:  # the padrón is being asked: again in a second
        return [Pause(1), Redirect(action)]
    if "room" in answer:
        return [*said, conference(call.world.desk, answer["room"], action, label=label_of(call.sid))]
    if "record" in answer:
        return [*said, Record(action, answer["record"])]
    # A single key ends itself; where there may be more, # ends them (numeral, gato).
    finish = "#" if answer["digits"] > 1 else ""
    timeout = answer["timeout"]
    if "patience" in answer:
        # The time-out runs from the last key too: before the first one the patience is in a pause.
        said, timeout = [*said, Pause(max(1, timeout - answer["patience"]))], answer["patience"]
    return [Gather(action, answer["digits"], timeout, finish, tuple(said))]


def sorry(world: World, line: Line | None) -> list[Verb]:
    """Something of ours failed: an apology, and a person — with nothing read from anywhere."""
    if line is None:
        return [Pause(1), Hangup()]
    values = line_values(world, line)
    said: list[Say | Play | Pause] = [_spoken(world, line, name, values) for name in _SORRY]
    dial = Dial(line.operador, None, caller_id=line.numbers[0])
    if line.desk.is_helpline:  # never a goodbye: it asks us again
        return [*said, dial, Redirect(f"{world.public_url}/voice/incoming{TRY_AGAIN}")]
    return [
        *said,
        dial,
        _spoken(world, line, "common.operator_number", values),
        Hangup(),
    ]


def only(world: World, line: Line, key: str) -> list[Verb]:
    """One sentence and goodbye."""
    return [_spoken(world, line, key, line_values(world, line)), Hangup()]


def line_values(world: World, line: Line) -> dict[str, object]:
    """What every sentence of a line may use, at this hour."""
    local = world.clock.now().astimezone(line.zone)
    return {**line.values, "greeting": greeting(local), "farewell": farewell(local)}


def _spoken(world: World, line: Line, key: str, values: dict[str, object]) -> Say | Play:
    return spoken(world.catalogs[line.id], key, values, line.country, world.public_url)
