"""The countries by their clocks."""

from zoneinfo import ZoneInfo

import pytest

from core.countries import country_in


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ("America/El_Salvador", "SV"),
        ("America/Bogota", "CO"),
        ("America/Mexico_City", "MX"),
        ("America/Tijuana", "MX"),
        ("America/Ciudad_Juarez", "MX"),
        ("America/Cancun", "MX"),
    ],
)
def test_a_clock_tells_its_country(zone: str, code: str) -> None:
    assert country_in(ZoneInfo(zone)).code == code


def test_a_clock_of_none_of_them_is_refused() -> None:
    with pytest.raises(KeyError):
        country_in(ZoneInfo("America/Lima"))
