"""Whose a number is."""

from pathlib import Path

import pytest

from ivr.line import SHIPPED, FaultyLine, line_of, load_lines

_DGS = (SHIPPED / "dgs.toml").read_text("utf-8")


def _other(numbers: str, shown: str) -> str:
    """A second line, as a file says it."""
    first, _, menus = _DGS.partition("[menus")
    own = {"id": '"otra"', "numeros": f"[{numbers}]", "numeros_salientes": f"[{shown}]"}
    kept = [line for line in first.splitlines() if line.partition("=")[0].strip() not in own]
    return "\n".join([*(f"{name} = {value}" for name, value in own.items()), *kept, "[menus" + menus])


def test_who_rings_back_the_number_a_campaign_shows_reaches_its_line(tmp_path: Path) -> None:
    (tmp_path / "otra.toml").write_text(_other('"2250-0001"', '"2250-0002"'), "utf-8")
    lines = load_lines(tmp_path)

    found = {number: line_of(lines, number) for number in ("+50322373333", "+50322500001", "+50322500002", "+50379")}

    assert [line.id if line else None for line in found.values()] == ["dgs", "otra", "otra", None]


@pytest.mark.parametrize(("numbers", "shown"), [('"2237-3333"', ""), ('"2250-0001"', '"2237-3333"')])
def test_a_number_belongs_to_one_line(tmp_path: Path, numbers: str, shown: str) -> None:
    (tmp_path / "otra.toml").write_text(_other(numbers, shown), "utf-8")

    with pytest.raises(FaultyLine, match=r"\+50322373333 está en dos líneas"):
        load_lines(tmp_path)
