"""The formulas of requirements.md §9, each on numbers that can be checked by hand."""

from dataclasses import replace

import pytest

from reports.indicators import OUTBOUND, Counts, Indicator, Unit, outbound

NOTHING = Counts(**dict.fromkeys(Counts.__slots__, 0))
#: A hundred records asked for, 90 came, 10 of them rejected (4 of these for their telephone): 80 loaded.
COUNTS = Counts(
    requested=100, received=90, rejected=10, bad_numbers_at_load=4, excluded=5, called=64, contacted=40, confirmed=32,
    met=24, passed=30, failed=10, unreached=16, tried=66, with_bad_number=10, opted_out=2, pending=3, calls=160,
    answered=80, by_machine=20, by_person=60, heard_whole=28, unspoken=3,
)  # fmt: skip


def named(name: str, counts: Counts) -> Indicator:
    return next(each for each in outbound(counts) if each.name == name)


@pytest.mark.parametrize(
    ("name", "part", "whole", "value"),
    [
        ("Barrido", 64, 80, 0.8),
        ("Intensidad", 160, 64, 2.5),
        ("Contactabilidad", 40, 64, 0.625),
        ("Contacto efectivo", 32, 40, 0.8),
        ("Efectividad", 24, 32, 0.75),
        ("Efectividad sobre la base", 24, 80, 0.3),
        ("Tasa de superación de seguridad", 30, 40, 0.75),
        ("Mensaje completo", 28, 80, 0.35),
        ("Ilocalizados", 16, 64, 0.25),
        ("Números errados %", 14, 70, 0.2),
        ("Buzón %", 20, 80, 0.25),
        ("Opt-out %", 2, 40, 0.05),
        ("Abandono del marcador", 3, 60, 0.05),
    ],
)
def test_a_formula(name, part, whole, value):
    found = named(name, COUNTS)
    assert (found.part, found.whole) == (part, whole)
    assert found.value == pytest.approx(value)


def test_there_is_a_case_for_each_of_them():
    assert len(OUTBOUND) == len(outbound(COUNTS)) == 13
    assert len({each.name for each in outbound(COUNTS)}) == 13


@pytest.mark.parametrize("each", outbound(NOTHING), ids=lambda each: each.name)
def test_where_nothing_happened_there_is_no_rate(each):
    assert each.value is None
    assert not each.is_over


@pytest.mark.parametrize("each", outbound(COUNTS), ids=lambda each: each.name)
def test_the_report_prints_what_is_divided_by_what(each):
    assert "÷" in each.formula
    assert each.formula.endswith((".", "%."))
    assert "\n" not in each.formula
    assert each.unit is (Unit.TIMES if each.name == "Intensidad" else Unit.RATE)


@pytest.mark.parametrize(("unspoken", "is_over"), [(0, False), (3, False), (4, True)])
def test_more_than_three_in_a_hundred_abandoned_is_too_many(unspoken, is_over):
    found = named("Abandono del marcador", replace(COUNTS, by_person=100, unspoken=unspoken))
    assert found.is_over is is_over
