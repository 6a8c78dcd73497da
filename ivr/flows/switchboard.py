"""What a switchboard does besides its menus: extensions, the directory, groups, texts, and the way to the goodbye.

Protocol of the ISSEMyM switchboard (R94–R102). Whoever does not answer is told of, and the caller chooses what next.
"""

from core.phones import is_mobile
from core.post import TextMessage, leave
from desk.directory.queries import LONGEST_KEYED, DirectoryEntry, by_extension, spelt
from ivr.calls import Call
from ivr.engine import find
from ivr.flow import REPEAT, Flow, HangUp, Result, Say, Step, Transfer
from ivr.flows.operator import connect
from ivr.flows.path import note
from prompts.speech import KEY_WORDS, given_name

switchboard = Flow("switchboard", give_up=connect)

RING_SECONDS = 25
READ_OUT = 5  # people of the directory with the same letters (issue 3 §1)


def extension_keyed(call: Call, keys: str) -> Result:
    """Keys that are no way of a menu: an extension, at any moment (R95). A single one is a slip."""
    here = find(call.world.flows, call.answer["next"])
    if call.line.desk.extensions is None or len(keys) == 1:
        return Say("common.invalid_key"), here
    if not _is_extension(call, keys):
        return Say("switchboard.extension_invalid"), here
    call.remember(extension=keys)
    note(call, f"Extensión {keys}")
    return before_dialling


def _is_extension(call: Call, keys: str) -> bool:
    """As long as the institution's extensions are, or a shorter one that its directory has."""
    extensions = call.line.desk.extensions
    if extensions is None or not keys.isdecimal():
        return False
    return len(keys) == extensions.longest or bool(by_extension(call.tx, call.line.id, keys))


@switchboard.question("switchboard.spell", digits=LONGEST_KEYED, timeout=8)
def spell(call: Call, keys: str) -> Result:
    """The letters of a name, on the keypad. Two searches with too many answers, and the first five are read out."""
    if keys in ("0", "*"):
        return to_operator if keys == "0" else start
    found = [entry for entry in spelt(call.tx, call.line.id, keys, READ_OUT + 1) if _address(call, entry)]
    if not found:
        return Say("switchboard.nobody_found"), spell
    if len(found) > READ_OUT and call.count("_too_many") == 1:
        return Say("switchboard.too_many"), spell
    call.remember(_found=[_kept(call, entry) for entry in found[:READ_OUT]])
    if len(found) > 1:
        call.remember(personas=_read_out(found[:READ_OUT]))
        return choose
    _pick(call, 0)
    return Say("switchboard.one_found"), before_dialling


@switchboard.question("switchboard.choose", digits=1)
def choose(call: Call, key: str) -> Result:
    if key.isdecimal() and 1 <= int(key) <= len(call["_found"]):
        _pick(call, int(key) - 1)
        return before_dialling
    ways = {"0": to_operator, "9": read_again, "*": spell}
    return ways.get(key) or (Say("common.invalid_key"), choose)


@switchboard.step
def read_again(call: Call) -> Result:
    return choose


def _before_dialling(call: Call) -> list[Say]:
    """The protocol's own question, and what to press who does want something more (R96)."""
    said = Say("switchboard.extension") if call.get("extension") else Say("switchboard.telephone")
    return [said, Say("switchboard.before_transfer")]


@switchboard.step
def dial_extension(call: Call) -> Result:
    extensions = call.line.desk.extensions
    if call.get("extension") and extensions:
        call.remember(_targets=[extensions.address(call["extension"])])
    call.remember(_target=0)
    return Say("switchboard.transferring"), dial


@switchboard.menu(_before_dialling, timeout=4, on_silence=dial_extension, longer=extension_keyed)
def before_dialling(call: Call) -> Result:
    return {"1": start, "9": REPEAT, "0": to_operator}


@switchboard.step
def dial(call: Call) -> Result:
    """The next of those who may answer: ``_targets``, each a number and the tones after it."""
    number, tones = call["_targets"][call["_target"]]
    asks = call.line.desk.asks_for_a_key(number, tones)
    return Transfer(number, after_dialling, RING_SECONDS, tones, asks)


@switchboard.joined
def after_dialling(call: Call, result: str) -> Result:
    """Busy or no answer: the next of the group, and after the last the caller is told and chooses (R96, R98)."""
    if result in ("completed", "answered"):
        return anything_else
    if call["_target"] + 1 < len(call["_targets"]):
        call.remember(_target=call["_target"] + 1)
        return dial
    call.remember(_target=0)
    return Say("switchboard.busy" if result == "busy" else "switchboard.no_answer"), not_reached


@switchboard.menu("switchboard.not_reached", longer=extension_keyed)
def not_reached(call: Call) -> Result:
    return {"1": dial, "0": to_operator, "*": start, "9": REPEAT}


@switchboard.step
def text_me(call: Call) -> Result:
    """The data that the menu gave, to the telephone that calls; each once a call. Then the menu again."""
    menu, key, sent = find(call.world.flows, call["_sms_menu"]), call["_sms"], call.get("_sent", [])
    if call.citizen is None or not is_mobile(call.citizen):
        return Say("switchboard.no_sms"), menu
    if key in sent:
        return Say("switchboard.sms_already"), menu
    text = TextMessage("menu_data", call.citizen, call.line.id, prompt=key)
    leave(call.tx, call.world.vault, call.now, text)
    call.remember(_sent=[*sent, key])
    return Say("switchboard.sms_sent"), menu


@switchboard.step
def goodbye(call: Call) -> Result:
    return Say("switchboard.goodbye"), HangUp()


def _anything_else(call: Call) -> list[Say]:
    return [Say("switchboard.anything_else"), Say("switchboard.anything_else_keys")]


@switchboard.menu(_anything_else, timeout=5, on_silence=goodbye, longer=extension_keyed)
def anything_else(call: Call) -> Result:
    """Before every goodbye (issue 3 §1). Silence is whoever has put the telephone down."""
    return {"1": start, "2": goodbye, "0": to_operator, "9": REPEAT}


@switchboard.step
def start(call: Call) -> Result:
    """The line's first menu, without its welcome."""
    return _start(call)


@switchboard.step
def to_operator(call: Call) -> Result:
    """A person of the line's own queue, whichever the caller had chosen before."""
    call.forget("_queue")
    note(call, "Persona")
    return connect


def _start(call: Call) -> Step:
    return call.world.flows[call.line.id].steps[call.line.start]


def _pick(call: Call, place: int) -> None:
    person = call["_found"][place]
    call.remember(persona=person["name"], extension=person["extension"], _targets=[person["address"]])
    note(call, "Directorio")


def _kept(call: Call, entry: DirectoryEntry) -> dict:
    return {"name": entry.name, "extension": entry.extension, "address": _address(call, entry)}


def _address(call: Call, entry: DirectoryEntry) -> tuple[str, str] | None:
    """What to dial for somebody of the directory; None for whoever has nothing that we can dial."""
    if entry.extension and call.line.desk.extensions:
        return call.line.desk.extensions.address(entry.extension)
    return (entry.telephone, "") if entry.telephone and entry.telephone.startswith("+") else None


def _read_out(found: list[DirectoryEntry]) -> str:
    """«Si busca a Ana López, marque uno. …»; where two have one name, the office says which."""
    names = [given_name(entry.name) for entry in found]
    told = [
        f"{name}, de {entry.unit}," if names.count(name) > 1 and entry.unit else f"{name},"
        for name, entry in zip(names, found, strict=True)
    ]
    return " ".join(f"Si busca a {who} marque {KEY_WORDS[str(place)]}." for place, who in enumerate(told, start=1))
