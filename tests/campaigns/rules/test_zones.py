"""Where a citizen's clock stands."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.hours import Window
from campaigns.rules.zones import OTHER_ZONES, zone_for
from core.countries import COUNTRIES

CENTRE = "+525512345678"


@pytest.mark.parametrize(
    ("state", "town", "phone", "zone"),
    [
        ("Baja California", "", CENTRE, "America/Tijuana"),
        ("baja  california sur", "", CENTRE, "America/Mazatlan"),
        ("B.C.", "", CENTRE, "America/Tijuana"),
        ("Sonora", "", CENTRE, "America/Hermosillo"),
        ("Sinaloa", "Culiacán", CENTRE, "America/Mazatlan"),
        ("Nayarit", "Tepic", CENTRE, "America/Mazatlan"),
        ("Nayarit", "Bahía de Banderas", CENTRE, None),
        ("Quintana Roo", "", CENTRE, "America/Cancun"),
        ("Q. Roo", "Tulum", CENTRE, "America/Cancun"),
        ("Chihuahua", "Chihuahua", CENTRE, None),  # with the centre since 2022
        ("Chihuahua", "Juárez", CENTRE, "America/Ciudad_Juarez"),
        ("Chih.", "Ojinaga", CENTRE, "America/Ojinaga"),
        ("Tamaulipas", "Reynosa", CENTRE, "America/Matamoros"),
        ("Tamaulipas", "Tampico", CENTRE, None),
        ("Coahuila de Zaragoza", "Piedras Negras", CENTRE, "America/Matamoros"),
        ("Jalisco", "Guadalajara", CENTRE, None),
        ("Ciudad de México", "", "+526641234567", None),  # what the list says outweighs the area code
        ("", "", "+526641234567", "America/Tijuana"),
        ("", "", "+529981234567", "America/Cancun"),
        ("", "", "+526671234567", "America/Mazatlan"),
        ("", "", "+526561234567", "America/Ciudad_Juarez"),
        ("", "", "+526141234567", None),  # the library still thinks Chihuahua on the Pacific's time
        ("", "", CENTRE, None),
        ("no sé", "", "+526641234567", "America/Tijuana"),
        ("", "", "", None),
    ],
)
def test_a_mexicans_zone(state, town, phone, zone):
    assert zone_for("MX", state, phone, town) == zone


@pytest.mark.parametrize(("country", "phone"), [("SV", "+50371000000"), ("CO", "+573001234567")])
def test_the_others_have_one_zone(country, phone):
    assert zone_for(country, "San Andrés y Providencia", phone) is None


def test_each_zone_exists_and_differs_from_the_centres_at_some_hour():
    for zone in OTHER_ZONES["MX"]:
        offsets = {
            datetime(2026, month, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset()
            != datetime(2026, month, 15, 12, tzinfo=COUNTRIES["MX"].zone).utcoffset()
            for month in (1, 7)
        }
        assert True in offsets, zone


@pytest.mark.parametrize(
    ("zone", "local", "is_open"),
    [
        ("America/Tijuana", "2026-11-23 08:59", False),
        ("America/Tijuana", "2026-11-23 09:00", True),
        ("America/Tijuana", "2026-11-23 18:59", True),
        ("America/Cancun", "2026-11-23 19:00", False),
    ],
)
def test_legal_hours_are_the_citizens_own(zone, local, is_open):
    there = ZoneInfo(zone)
    window = Window(COUNTRIES["MX"], zone=there)
    assert window.is_open(datetime.fromisoformat(local).replace(tzinfo=there)) is is_open
