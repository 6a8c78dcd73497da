"""A comment that sends its reader to a file: the file is there."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
_ROOMS = sorted(each.parent.name for each in HOME.glob("*/__init__.py"))
#: ``engine.py``, ``desk/states.py``, ``desk/directory``: not the rest of another path, nor of somebody else's library.
_FILE = re.compile(r"(?<![\w./*{<-])((?:[a-z_]+/)*[a-z_0-9]+\.py)\b(?!\w|/)")
_FOLDER = re.compile(rf"(?<![\w./*{{<-])((?:{'|'.join(_ROOMS)})(?:/[a-z_]+)+)(?![\w./<{{*-])")


def ours() -> Iterator[Path]:
    for room in (*_ROOMS, "."):
        found = (HOME / room).glob("*.py") if room == "." else (HOME / room).rglob("*.py")
        yield from (each for each in found if "versions" not in each.parts)


def said_in(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of its comments and docstrings."""
    source = file.read_text("utf-8")
    if not (_FILE.search(source) or _FOLDER.search(source)):
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield getattr(node, "lineno", 1), ast.get_docstring(node, clean=False) or ""


@cache
def names() -> frozenset[str]:
    return frozenset(each.name for each in ours())


def is_there(said: str, file: Path) -> bool:
    """From the top, or from beside the file that says it; a name alone: anywhere."""
    if "/" not in said:
        return said in names()
    return any((where / said).exists() or (where / f"{said}.py").exists() for where in file.parents)


def test_every_file_that_is_named_is_there() -> None:
    looked, gone = 0, []
    for file in ours():
        for line, text in said_in(file):
            for said in (*_FILE.findall(text), *_FOLDER.findall(text)):
                looked += 1
                if not is_there(said, file):
                    gone.append(f"{file.relative_to(HOME)}:{line}: {said}")
    assert looked > 100
    assert gone == []
