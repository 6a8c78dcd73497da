"""Compiled templates are kept from one process to the next, and only where nobody else can write."""

import os
import tempfile
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from console.compiled import compiled_templates


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


class Counted(Environment):
    """How often it compiles."""

    compiled = 0

    def compile(self, *given, **more):
        self.compiled += 1
        return super().compile(*given, **more)


def environment(text: str = "Hola, {{ who }}") -> Counted:
    return Counted(loader=DictLoader({"a.html": text}), bytecode_cache=compiled_templates())


def test_another_process_does_not_compile_it_again(temporary: Path) -> None:
    first, second = environment(), environment()
    assert first.get_template("a.html").render(who="Ana") == second.get_template("a.html").render(who="Ana")
    assert (first.compiled, second.compiled) == (1, 0)


def test_a_template_that_was_changed_is_compiled(temporary: Path) -> None:
    environment().get_template("a.html")
    changed = environment("Adiós, {{ who }}")
    assert changed.get_template("a.html").render(who="Ana") == "Adiós, Ana"
    assert changed.compiled == 1


def test_the_folder_is_closed_to_others(temporary: Path) -> None:
    compiled_templates()
    (folder,) = temporary.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_folder_of_our_own_nothing_is_kept(temporary: Path) -> None:
    (temporary / f"_jinja2-cache-{os.getuid()}").write_text("somebody was here first")
    alone = environment()
    assert alone.get_template("a.html").render(who="Ana") == "Hola, Ana"
    assert alone.compiled == 1


def test_a_folder_that_is_gone_is_no_fault(temporary: Path) -> None:
    swept = environment()
    next(temporary.iterdir()).rmdir()
    assert swept.get_template("a.html").render(who="Ana") == "Hola, Ana"
