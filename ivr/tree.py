"""A line's menus drawn as a tree, for whoever writes its file."""

from collections.abc import Iterator

from rich.markup import escape
from rich.tree import Tree

from ivr.check_line import seconds_of
from ivr.line import Line, Menu
from ivr.line_parts import SILENCE
from prompts.catalog import Catalog


def tree(line: Line, catalog: Catalog) -> Tree:
    """The menus of a line from its first one, each once; a menu met again is only named."""
    numbers = ", ".join(line.numbers)
    drawn = Tree(f"{escape(line.entidad)} ({line.id}), {numbers}")
    first = line.menus[line.start]
    _grow(drawn.add(_menu_told(first, line, catalog)), first, line, catalog, {first.name})
    for queue in line.desk.queues.values():
        skills = f" ({', '.join(sorted(queue.skills))})" if queue.skills else ""
        drawn.add(f"cola {queue.name}: {escape(queue.label)}{skills}")
    return drawn


def _grow(branch: Tree, menu: Menu, line: Line, catalog: Catalog, drawn: set[str]) -> None:
    for key, way, label in _ways(menu):
        following = line.menus.get(way)
        if following is None or following.name in drawn:
            branch.add(f"{key}  {escape(label or way)}" + (f" → {escape(way)}" if label else ""))
            continue
        drawn.add(following.name)
        told = f"{key}  {escape(label)}: " if label else f"{key}  "
        _grow(branch.add(told + _menu_told(following, line, catalog)), following, line, catalog, drawn)


def _ways(menu: Menu) -> Iterator[tuple[str, str, str]]:
    for key, way in menu.keys.items():
        yield key, way, menu.labels.get(key, "")
    if menu.on_silence:
        yield SILENCE, menu.on_silence, menu.labels.get(SILENCE, "")


def _menu_told(menu: Menu, line: Line, catalog: Catalog) -> str:
    return f"[bold]{escape(menu.label)}[/bold] ({menu.name}, {seconds_of(menu, line, catalog):.0f} s)"
