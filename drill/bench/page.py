"""The bench's section of docs/performance.md: each part of it is written anew when it was measured anew."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from drill.bench.figure import Figure

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
_HEADINGS = ("qué", "al lado de", "medido", "meta", "se alcanza")
_TITLES = {
    "turns": "Un turno de la conversación",
    "placing": "Pedir llamadas",
    "whole": "Todo el producto, con la red local al lado",
    "claiming": "Tomar y guardar",
    "memory": "Memoria",
    "start": "Arrancar",
    "cases": "Un millón de consultas y diez millones de sucesos",
}


def part(name: str, figures: Sequence[Figure], command: str, machine: str, at: datetime) -> str:
    """The text of one part, without its marks."""
    rows = [
        f"| {each.what} | {each.beside} | {each.shown} | {each.goal.told if each.goal else ''} | {each.verdict} |"
        for each in figures
    ]
    notes = [f"- {each.what}: {each.note}" for each in figures if each.note]
    table = [f"| {' | '.join(_HEADINGS)} |", "|---|---|---|---|---|", *rows]
    told = f"`{command}` · {at:%Y-%m-%d %H:%M} UTC · {machine}"
    return "\n".join([f"### {_TITLES[name]}", "", told, "", *table, *([""] if notes else []), *notes])


def written(page: str, parts: Mapping[str, str]) -> str:
    """The page with these parts in place of those of the same name; what has no place yet goes to the end."""
    for name, told in parts.items():
        begin, end = f"<!-- bench: {name} -->", f"<!-- /bench: {name} -->"
        block = f"{begin}\n{told}\n{end}"
        there = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        if found := there.search(page):
            page = page[: found.start()] + block + page[found.end() :]
        else:
            page = f"{page.rstrip()}\n\n{block}\n"
    return page


def write(parts: Mapping[str, str], page: Path = PAGE) -> None:
    page.write_text(written(page.read_text("utf-8"), parts), "utf-8")
