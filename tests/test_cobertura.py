"""Each requirement of the procedures is named by a test, or docs/cobertura.md says where it shows, or why it cannot."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REQUIREMENTS = range(1, 103)
_NAMED = re.compile(r"\bR(\d{1,3})(?:[–-]R(\d{1,3}))?\b")
_ROW = re.compile(r"^\| R(\d{1,3}) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
_FILE = re.compile(r"\b(?:tests|cases)/[\w/.]+\.(?:py|txt|toml)\b")


def named_in(text: str) -> set[int]:
    """«R12», and all of «R8–R10»."""
    found = ((int(first), int(last or first)) for first, last in _NAMED.findall(text))
    return {number for first, last in found for number in range(first, last + 1)}


def in_tests() -> set[int]:
    own = Path(__file__).name
    files = [path for kind in ("*.py", "*.txt") for path in (PROJECT / "tests").rglob(kind) if path.name != own]
    return set().union(*(named_in(path.read_text("utf-8")) for path in files))


def in_the_page() -> dict[int, str]:
    return {
        int(number): where for number, where in _ROW.findall((PROJECT / "docs" / "cobertura.md").read_text("utf-8"))
    }


def test_no_requirement_is_forgotten() -> None:
    assert set(REQUIREMENTS) - in_tests() - set(in_the_page()) == set()


def test_what_the_page_names_is_there() -> None:
    assert len(in_the_page()) > 15
    for number, where in in_the_page().items():
        gone = [name for name in _FILE.findall(where) if not (PROJECT / name).is_file()]
        assert not gone, f"R{number}: {gone}"


def test_a_range_names_what_is_between() -> None:
    assert named_in("R8–R10 and R12, not XR13") == {8, 9, 10, 12}
