"""An answer of the engine → verbs for the carrier: the same answer renders the same way, as often as it is asked."""

from carrier.verbs import Dial, Gather, Hangup, Pause, Play, Say, Verb
from ivr.calls import Call
from ivr.engine import Answer
from ivr.line import Line
from ivr.world import World
from prompts.speech import farewell, greeting


def verbs_of(call: Call, answer: Answer) -> list[Verb]:
    """What the carrier is to do. Values come from what the call remembers and from its line."""
    values = {**line_values(call.world, call.line), **call.memory}
    said = [_spoken(call.world, call.line, key, values) for key in answer["say"]]
    here = answer.get("next")
    if here is None:
        return [*said, Hangup()]
    action = f"{call.world.public_url}/voice/{here}?n={answer['turn']}"
    if "dial" in answer:
        return [*said, Dial(answer["dial"], action, caller_id=call.line.numbers[0], ring_seconds=answer["ring"])]
    # A single key ends itself; where there may be more, # ends them (numeral, gato).
    finish = "#" if answer["digits"] > 1 else ""
    return [Gather(action, answer["digits"], answer["timeout"], finish, tuple(said))]


def sorry(world: World, line: Line | None, key: str = "common.trouble") -> list[Verb]:
    """Something of ours failed: an apology, and a person — with nothing read from anywhere."""
    if line is None:
        return [Pause(1), Hangup()]
    values = line_values(world, line)
    said = [_spoken(world, line, name, values) for name in (key, "common.transferring")]
    return [
        *said,
        Dial(line.operador, None, caller_id=line.numbers[0]),
        _spoken(world, line, "common.operator_number", values),
        Hangup(),
    ]


def only(world: World, line: Line, key: str) -> list[Verb]:
    """One sentence and goodbye."""
    return [_spoken(world, line, key, line_values(world, line)), Hangup()]


def line_values(world: World, line: Line) -> dict[str, object]:
    """What every sentence of a line may use."""
    local = world.clock.now().astimezone(line.zone)
    return {
        "entidad": line.entidad,
        "operador": line.operador,
        "numero": line.numbers[0],
        "greeting": greeting(local),
        "farewell": farewell(local),
    }


def _spoken(world: World, line: Line, key: str, values: dict[str, object]) -> Say | Play:
    spoken = world.catalogs[line.id].say(key, values, line.country)
    if spoken.audio_url:
        return Play(world.public_url + spoken.audio_url)
    return Say(spoken.text, spoken.voice, spoken.language)
