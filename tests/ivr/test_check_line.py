"""``pregonero lines check``: what is wrong with a line, told; and nothing is wrong with those that ship."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from ivr.check_line import faults
from ivr.flows import all_flows
from ivr.line import load_lines
from ivr.tree import tree
from prompts.catalog import Catalog
from tests.ivr.test_line import SMALL

SENTENCES = """
[agua.menu]
text = "Para hablar con una persona, marque uno."
options = ["1"]
[agua.more]
text = "Para volver, marque uno."
options = ["1"]
[agua.long]
text = "{long}"
""".replace("{long}", "Su trámite ya está listo. " * 14)
GOOD = SMALL.replace("root.menu", "agua.menu")
OTHER = '[menus.otro]\npregunta = "agua.more"\nteclas = { 1 = "root" }\n'
HELPLINE = GOOD.replace("cierre =", 'ayuda = true\nguardia = ["2250-0008"]\ncierre =')


def told(folder: Path, text: str, skills: list[frozenset[str]] | None = None) -> list[str]:
    (folder / "agua.toml").write_text(text, "utf-8")
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "agua.toml").write_text(SENTENCES, "utf-8")
    lines = load_lines(folder)
    return faults(lines["agua"], all_flows(lines), Catalog.load("agua", [folder / "prompts"]), skills)


@pytest.mark.parametrize("line", ["dgs", "issemym", "linea131", "uariv", "ciudadana"])
def test_nothing_is_wrong_with_what_ships(line: str) -> None:
    lines = load_lines()

    assert faults(lines[line], all_flows(lines), Catalog.load(line)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, []),
        (GOOD + OTHER, ["menú otro: no lleva a él ninguna tecla"]),
        (GOOD.replace("agua.menu", "agua.nada"), ["agua.nada: no está en el catálogo"]),
        (GOOD.replace("agua.menu", "agua.more").replace("1 =", "2 ="),
         ["menú root: dice la tecla 1, que no lleva a nada", "menú root: no dice la tecla 2"]),
        (GOOD.replace("pregunta", 'dice = ["agua.long"]\npregunta'),
         ["agua.long: dura 24.2 segundos; como mucho, 20"]),
        (GOOD + '[colas.uno]\nnombre = "Uno"\n[colas.dos]\nnombre = "Dos"\n',
         ["cola dos: no lleva a ella ninguna tecla ni otra cola"]),
        (HELPLINE, []),
        (HELPLINE.replace('"persona"', '"otro"') + OTHER,
         ["menú root: una línea de ayuda lleva a una persona con una sola tecla",
          "menú otro: una línea de ayuda lleva a una persona con una sola tecla"]),
        (HELPLINE.replace('guardia = ["2250-0008"]\n', ""),
         ["una línea de ayuda necesita teléfonos de guardia (guardia)"]),
        (HELPLINE.replace("9 =", '0 = "terminar", 9 ='), ["menú root: una línea de ayuda no se despide (terminar)"]),
    ],
)  # fmt: skip
def test_each_fault_is_found(tmp_path: Path, text: str, found: list[str]) -> None:
    assert told(tmp_path, text) == found


def test_more_than_five_options(tmp_path: Path) -> None:
    keys = ", ".join(f'{key} = "persona"' for key in range(1, 7))

    assert "menú root: tiene más de 5 opciones" in told(tmp_path, GOOD.replace('1 = "persona"', keys))


def test_a_queue_that_nobody_can_serve(tmp_path: Path) -> None:
    text = GOOD + '[colas.legal]\nnombre = "Legal"\nhabilidades = ["JURIDICA"]\n'

    assert told(tmp_path, text, [frozenset({"JURIDICA", "PIN"})]) == []
    assert told(tmp_path, text, [frozenset({"PIN"})]) == ["cola legal: ningún operador tiene JURIDICA"]


def test_the_tree_names_each_menu_once() -> None:
    console = Console(width=120, file=io.StringIO())
    with console.capture() as shown:
        console.print(tree(load_lines()["issemym"], Catalog.load("issemym")))
    drawn = shown.get()

    assert drawn.count("(tramites,") == drawn.count("(sam_invita,") == 1
    assert "silencio  Transferencia → grupo linea_atencion" in drawn
