"""What a call costs: as it is written in TARIFF, and billed by the step."""

from decimal import Decimal

import pytest

from core.tariffs import FaultyTariff, Tariff, TextTariff, read_tariffs, read_text_tariffs, tariff_of


@pytest.mark.parametrize(
    ("written", "trunk", "found"),
    [
        ("USD 0.085/60", "default", Tariff("USD", Decimal("0.085"), 60)),
        ("USD 0.085/60", "puesto", Tariff("USD", Decimal("0.085"), 60)),
        ("default: USD 0.085/60, puesto: COP 90/1", "puesto", Tariff("COP", Decimal(90), 1)),
        ("USD 0.1/60,norte:USD 0.2/6", "norte", Tariff("USD", Decimal("0.2"), 6)),
        ("norte: USD 0.2/6", "default", None),
        ("", "default", None),
    ],
)
def test_a_trunk_has_its_own_tariff_or_everybodys(written: str, trunk: str, found: Tariff | None) -> None:
    assert tariff_of(read_tariffs(written), trunk) == found


@pytest.mark.parametrize(
    "written", ["0.085", "USD 0.085", "usd 0.1/60", "USD -1/60", "USD 1/0", "USD 1/60, USD 2/60", "x: y: USD 1/60"]
)
def test_what_cannot_be_made_out_stops_the_start(written: str) -> None:
    with pytest.raises(FaultyTariff, match="TARIFF"):
        read_tariffs(written)


@pytest.mark.parametrize(
    ("seconds", "step", "cost"),
    [(0, 60, "0"), (1, 60, "0.6"), (60, 60, "0.6"), (61, 60, "1.2"), (61, 1, "0.61"), (7, 6, "0.12")],
)
def test_each_begun_step_is_paid(seconds: int, step: int, cost: str) -> None:
    assert Tariff("USD", Decimal("0.6"), step).cost(seconds) == Decimal(cost)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("USD 0.05", {"": TextTariff("USD", Decimal("0.05"))}),
        (
            "default: USD 0.05, otra: COP 12",
            {"default": TextTariff("USD", Decimal("0.05")), "otra": TextTariff("COP", Decimal(12))},
        ),
        ("", {}),
    ],
)
def test_a_text_is_paid_by_the_segment(written: str, found: dict[str, TextTariff]) -> None:
    assert read_text_tariffs(written) == found
    assert all(each.cost(3) == 3 * each.a_segment for each in found.values())


@pytest.mark.parametrize("written", ["0.05", "USD", "USD 0.05/60", "usd 1", "USD 1, USD 2"])
def test_a_price_of_texts_that_cannot_be_made_out_stops_the_start(written: str) -> None:
    with pytest.raises(FaultyTariff, match="TEXT_TARIFF"):
        read_text_tariffs(written)
