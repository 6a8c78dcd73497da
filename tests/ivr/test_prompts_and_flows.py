"""The conversations as a whole: every sentence exists, none is too long, and a person is never out of reach."""

import pytest

from assembly import Parts
from ivr.check import findings, reachable, ways, without_a_person
from ivr.flow import Flow, HangUp, Kind
from ivr.flows.menus import first_step
from ivr.line import FaultyLine, load_lines
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks


@pytest.mark.parametrize("line", ["dgs", "issemym", "linea131", "uariv", "ciudadana"])
def test_nothing_is_wrong_with_the_shipped_lines(parts: Parts, line: str) -> None:
    world = parts.world

    assert findings(parts.lines[line], world.flows, world.catalogs[line]) == []


def test_a_pin_takes_at_most_75_seconds_of_speech(parts: Parts) -> None:
    world = parts.world
    by_flow = {way.flow: way.seconds for way in ways(parts.lines["dgs"], world.flows, world.catalogs["dgs"])}

    assert 0 < by_flow["pin"] <= 75


def test_the_straight_way_is_what_a_caller_hears(parts: Parts, webhooks: Webhooks) -> None:
    """The way that is measured is the one that is walked."""
    lines = [("GIVEN", "padrón 00016297-5 05/03/1960 ACTIVO")]
    lines += [("CALLER", keys) for keys in ("2", "1", "000162975", "05031960", "1")]
    transcript = Scene(parts, webhooks, Dialogue("straight", lines)).play()
    menu = parts.lines["dgs"].menus["root"]

    heard = len(transcript.heard)
    assert heard == len((*menu.says, menu.prompt, *parts.world.flows["pin"].straight_way))
    assert transcript.seconds <= 75


def test_every_step_can_be_reached(parts: Parts) -> None:
    """Those that the engine enters by itself are named here, and no other."""
    world = parts.world
    starts = [first_step(world.flows[line.id], line) for line in parts.lines.values()]
    starts.append(world.flows["campaign"].steps["greet"])
    reached = {step for start in starts for step in reachable(start)}
    by_engine = {"campaign/too_late", "campaign/voicemail"}

    unreached = {step.path for flow in world.flows.values() for step in flow.steps.values() if step not in reached}

    assert unreached == by_engine


def test_a_step_without_a_person_is_found(parts: Parts) -> None:
    """The check itself can fail."""
    lonely = Flow("lonely", is_ours=True)

    @lonely.step
    def end(call):
        return HangUp()

    @lonely.menu("root.menu")
    def trap(call):
        return {"1": end}

    lonely.give_up = end
    lonely.steps["greet"] = trap
    assert trap.kind is Kind.MENU
    assert without_a_person(parts.lines["dgs"], {**parts.world.flows, "lonely": lonely}) == ["lonely/trap"]


_LINE = """
id = "x"
entidad = "Una entidad"
pais = "SV"
numeros = ["2237-3333"]
operador = "2237-3300"
inicio = "root"
cierre = "Gracias."
aviso_privacidad = "Sus datos."
[menus.root]
pregunta = "root.menu"
teclas = { 1 = "pin.choose" }
"""


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_LINE.replace('id = "x"\n', ""), "falta «id»"),
        (_LINE.replace('"SV"', '"PE"'), "pais debe ser uno de"),
        (_LINE.replace("2237-3333", "911"), "no es un teléfono"),
        (_LINE.replace('inicio = "root"', 'inicio = "puerta"'), "un menú que no existe"),
        ("sorpresa = 1\n" + _LINE, "no se conoce"),
        (_LINE + "x = = 1", "línea 13: no es TOML válido"),
        (_LINE.replace('"x"', '"otra"') + "", "está en dos líneas"),
    ],
)
def test_a_fault_in_a_line_is_told(tmp_path, wrong: str, told: str) -> None:
    (tmp_path / "x.toml").write_text(wrong, "utf-8")

    with pytest.raises(FaultyLine, match=told):
        load_lines(tmp_path)


def test_a_line_of_the_same_id_replaces_the_shipped_one(tmp_path) -> None:
    (tmp_path / "dgs.toml").write_text(_LINE.replace('"x"', '"dgs"'), "utf-8")

    assert load_lines(tmp_path)["dgs"].entidad == "Una entidad"
