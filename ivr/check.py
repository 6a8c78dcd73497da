"""Judges the conversations themselves: how long each takes, and that a person can be reached wherever a call waits."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.flow import Flow, Kind, Step
from ivr.flows.menus import first_step
from ivr.flows.operator import connect
from ivr.line import Line, Menu
from prompts.catalog import Catalog
from prompts.lint import Finding, Typical, lint, seconds

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+")
PIN_SECONDS = 75.0  # of speech, from hello to the PIN in force (issue: the PIN line)


@dataclass(frozen=True)
class Way:
    """The straight way through a flow, from hello to its end, for whoever makes no mistake."""

    line: str
    flow: str
    seconds: float


def ways(line: Line, flows: Mapping[str, Flow], catalog: Catalog) -> list[Way]:
    """How long each flow of a line speaks. A campaign's call begins with its own greeting."""
    menu = line.menus[line.start]
    hello = (*menu.says, menu.prompt)
    here = {step.flow.name for step in reachable(first_step(flows[line.id], line))}
    told = {
        flow.name: flow.straight_way if flow.is_ours else (*hello, *flow.straight_way)
        for flow in flows.values()
        if flow.straight_way and (flow.is_ours or flow.name in here)
    }
    return [Way(line.id, name, seconds(catalog, said, typical(line))) for name, said in told.items()]


def typical(line: Line) -> Typical:
    """With which values a line's sentences are measured."""
    return Typical.of_line(line.values, line.country)


def without_a_person(line: Line, flows: Mapping[str, Flow]) -> list[str]:
    """The addresses of the steps that wait for a key and from which no way leads to a person."""
    starts = [first_step(flows[line.id], line), *(flow.steps["greet"] for flow in flows.values() if flow.is_ours)]
    waiting = {step for start in starts for step in reachable(start) if step.kind in (Kind.MENU, Kind.QUESTION)}
    return sorted(step.path for step in waiting if connect not in set(_without_waiting(step)))


def _without_waiting(start: Step) -> Iterator[Step]:
    """What one key, or giving up, leads to from a step: not what lies behind another question."""
    seen, waiting = {start}, [start]
    while waiting:
        for following in waiting.pop().leads_to():
            if following not in seen:
                seen.add(following)
                yield following
                if following.kind in (Kind.STEP, Kind.TOLD):
                    waiting.append(following)


def reachable(start: Step) -> Iterator[Step]:
    """A step, and every one that a caller may come to from it."""
    seen, waiting = {start}, [start]
    while waiting:
        step = waiting.pop()
        yield step
        for following in step.leads_to():
            if following not in seen:
                seen.add(following)
                waiting.append(following)


def findings(line: Line, flows: Mapping[str, Flow], catalog: Catalog) -> list[str]:
    """Everything that is wrong with a line's sentences and conversations, a sentence each."""
    told = [_told(finding) for finding in lint(catalog, typical(line))]
    slow = [way for way in ways(line, flows, catalog) if way.flow == "pin" and way.seconds > PIN_SECONDS]
    told += [f"pin: {way.seconds:.0f} s hasta el PIN, más de {PIN_SECONDS:.0f} s" for way in slow]
    told += [f"{path}: desde aquí no se llega a una persona" for path in without_a_person(line, flows)]
    return told + unknown_keys(line, flows, catalog)


def unknown_keys(line: Line, flows: Mapping[str, Flow], catalog: Catalog) -> list[str]:
    """Sentences that a conversation names and the catalogue does not have."""
    known = set(catalog.keys())
    named = {key for menu in line.menus.values() for key in said_by(menu)}
    named |= {key for flow in flows.values() for key in flow.straight_way}
    named |= {key for flow in _shared(flows) for step in flow.steps.values() for key in keys_named_by(step)}
    return [f"{key}: no está en el catálogo" for key in sorted(named - known)]


def said_by(menu: Menu) -> list[str]:
    """Every sentence that a menu names: its own, and those of its ways."""
    ways = [way.partition(" ") for way in (*menu.keys.values(), menu.on_silence)]
    return [menu.prompt, *menu.says, *(key for verb, _, key in ways if verb in ("decir", "say", "mensaje"))]


def _shared(flows: Mapping[str, Flow]) -> list[Flow]:
    """Those written in Python: another line's menus say sentences that are not this one's."""
    return [flow for flow in flows.values() if all(step.targets is None for step in flow.steps.values())]


def keys_named_by(step: Step) -> Iterator[str]:
    """The sentences that a step's prompt and its function name as constants."""
    prompted = isinstance(step.prompt, str)
    if prompted and step.prompt:
        yield str(step.prompt)
    for function in (step.run,) if prompted else (step.run, step.prompt):
        code = getattr(function, "__code__", None)
        for constant in code.co_consts if code else ():
            if isinstance(constant, str) and _KEY.fullmatch(constant):
                yield constant


def _told(finding: Finding) -> str:
    return f"{finding.key}: {finding.message}"
