"""A line's menus, made from its file: each menu a step, each key a step that notes what was chosen and goes on."""

from collections.abc import Callable, Mapping
from functools import cache

from ivr.calls import Call
from ivr.flow import LONGEST_KEYS, Flow, Kind, Result, Say, Step
from ivr.flows.path import note
from ivr.flows.switchboard import extension_keyed
from ivr.flows.ways import VERBS, WORDS, Meaning, Ways, is_engines_own
from ivr.line import FaultyLine, Line, Menu
from ivr.line_parts import SILENCE

AFTER_A_PERSON = "switchboard/anything_else"


def menus_of(line: Line, flows: Mapping[str, Flow]) -> Flow:
    """The flow of a line's menus; what a key may lead to is in docs/lineas.md. Raises FaultyLine for one to nowhere."""
    if line.id in flows or (taken := (WORDS | VERBS) & line.menus.keys()):
        what = line.id if line.id in flows else min(taken)
        raise FaultyLine(f"{line.file}: «{what}» es una palabra del sistema; ponga otro nombre.")
    flow = Flow(line.id)
    ways = Ways(line, flow, flows)
    flow.give_up = _give_up(ways)
    for menu in line.menus.values():
        _add_menu(ways, menu)
    for menu in line.menus.values():
        _refuse_dead_ends(ways, menu)
    return flow


def first_step(flow: Flow, line: Line) -> Step:
    """Where a caller of the line arrives."""
    return flow.steps.get(f"to_{line.start}") or flow.steps[line.start]


def _give_up(ways: Ways) -> Step:
    """Whoever cannot go on is taken to a person of the line's own queue."""
    person = ways.queue(ways.line.desk.default_queue)
    return _noted(ways, "give_up", lambda: person)


def _add_menu(ways: Ways, menu: Menu) -> None:
    flow, line = ways.flow, ways.line
    keyed = {key: _key(ways, menu, key, way) for key, way in menu.keys.items() if not is_engines_own(way)}
    has_extensions = line.desk.extensions is not None

    @cache  # where a key leads is the same for every caller, and known once every menu is in the flow
    def chosen() -> dict[str, Result]:
        return _chosen(ways, menu, keyed)

    step = Step(
        *(flow, menu.name, Kind.MENU, lambda call: chosen(), menu.prompt),
        digits=LONGEST_KEYS if has_extensions else 1,
        timeout=menu.timeout,
        on_silence=_key(ways, menu, SILENCE, menu.on_silence) if menu.on_silence else None,
        targets=lambda: [each for each in chosen().values() if isinstance(each, Step)],
        longer=extension_keyed if has_extensions else None,
    )
    flow.add(step)
    if menu.says or (line.asks_for_more and menu.name == line.start):
        flow.add(Step(flow, f"to_{menu.name}", Kind.STEP, _arrival(ways, menu, step), targets=lambda: [step]))


def _arrival(ways: Ways, menu: Menu, step: Step) -> Callable[[Call], Result]:
    """The first sentences of a menu. What follows after a person is remembered from the start."""
    said = tuple(Say(key) for key in menu.says)

    def arrive(call: Call) -> Result:
        if ways.line.asks_for_more:
            call.remember(_after_person=AFTER_A_PERSON)
        return (*said, step)

    return arrive


def _chosen(ways: Ways, menu: Menu, keyed: Mapping[str, Step]) -> dict[str, Result]:
    """Repeating and going back are the engine's own; every other key notes what was chosen."""
    found = {key: ways.meaning(menu, way) for key, way in menu.keys.items()}
    return {key: keyed.get(key) or meaning.result for key, meaning in found.items() if meaning}


def _key(ways: Ways, menu: Menu, key: str, way: str) -> Step:
    """What is noted of a key: its name in the file, else that of where it leads; of silence, only the latter."""
    name = f"{menu.name} {key}"
    label = menu.labels.get(key, "")
    return _noted(ways, name, lambda: ways.meaning(menu, way), label, menu.kinds.get(key, ""))


def _noted(ways: Ways, name: str, means: Callable[[], Meaning | None], label: str = "", kind: str = "") -> Step:
    def run(call: Call) -> Result:
        meaning = means()
        assert meaning, "a way to nowhere is refused when the line is read"
        if label or meaning.label:
            note(call, label or meaning.label)
        call.remember(**meaning.memory, **({"kind": kind} if kind else {}))
        return meaning.result

    def leads_to() -> list[Step]:
        meaning = means()
        return meaning.steps if meaning else []

    return ways.flow.add(Step(ways.flow, name, Kind.STEP, run, targets=leads_to))


def _refuse_dead_ends(ways: Ways, menu: Menu) -> None:
    given = [*menu.keys.items(), *([(SILENCE, menu.on_silence)] if menu.on_silence else [])]
    for key, way in given:
        if ways.meaning(menu, way) is None:
            what = "el silencio" if key == SILENCE else f"la tecla {key}"
            place = f"{ways.line.file}, línea {menu.places[key]}" if key in menu.places else ways.line.id
            raise FaultyLine(f"{place}: en el menú {menu.name}, {what} no lleva a nada: «{way}».")
