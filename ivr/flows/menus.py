"""A line's menus, made from its file: each menu a step, each key a way."""

from collections.abc import Mapping

from ivr.flow import BACK, REPEAT, Flow, Kind, Result, Say, Step
from ivr.flows.operator import connect
from ivr.line import FaultyLine, Line, Menu


def menus_of(line: Line, flows: Mapping[str, Flow]) -> Flow:
    """The flow of a line's menus. Raises FaultyLine where a key leads nowhere.

    A key leads to ``repeat``, ``back``, another menu's name, ``flow.step``, or ``say key`` (said, then asked again).
    """
    flow = Flow(line.id, give_up=connect)
    for menu in line.menus.values():
        _add_menu(flow, flows, menu)
    for menu in line.menus.values():
        for key, way in menu.keys.items():
            if not _leads_somewhere(flow, flows, way):
                raise FaultyLine(f"{line.id}: en el menú {menu.name}, la tecla {key} no lleva a nada: «{way}».")
    return flow


def first_step(flow: Flow, line: Line) -> Step:
    """Where a caller of the line arrives."""
    return _menu(flow, line.start)


def _add_menu(flow: Flow, flows: Mapping[str, Flow], menu: Menu) -> None:
    def ways() -> dict[str, Result]:
        return {key: _way(flow, flows, menu, way) for key, way in menu.keys.items()}

    def leads_to() -> list[Step]:
        return [step for way in ways().values() for step in _steps_in(way)]

    flow.add(Step(flow, menu.name, Kind.MENU, lambda call: ways(), menu.prompt, 1, targets=leads_to))
    if menu.says:
        said = tuple(Say(key) for key in menu.says)
        arrive = (*said, flow.steps[menu.name])
        flow.add(Step(flow, f"to_{menu.name}", Kind.STEP, lambda call: arrive, targets=lambda: [flow.steps[menu.name]]))


def _way(flow: Flow, flows: Mapping[str, Flow], menu: Menu, way: str) -> Result:
    if way in ("repeat", "back"):
        return REPEAT if way == "repeat" else BACK
    if way.startswith("say "):
        return Say(way.removeprefix("say ")), flow.steps[menu.name]
    if "." in way:
        name, _, step = way.partition(".")
        return flows[name].steps[step]
    return _menu(flow, way)


def _menu(flow: Flow, name: str) -> Step:
    return flow.steps.get(f"to_{name}") or flow.steps[name]


def _leads_somewhere(flow: Flow, flows: Mapping[str, Flow], way: str) -> bool:
    if way in ("repeat", "back") or way.startswith("say "):
        return True
    name, _, step = way.partition(".")
    return step in flows[name].steps if step and name in flows else way in flow.steps


def _steps_in(way: Result) -> list[Step]:
    return [part for part in (way if isinstance(way, tuple) else (way,)) if isinstance(part, Step)]
