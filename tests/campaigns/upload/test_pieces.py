"""What is put together by hand for speed says what the libraries would say."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.upload import packing
from campaigns.upload.contacts import Contact
from campaigns.upload.pieces import sealed
from core.documents import DocumentType

ANY = st.text(st.characters(codec="utf-8"), max_size=40)


def contact(name: str, var: str) -> Contact:
    return Contact(
        *("R-1", DocumentType.DUI, "000162975", name, "", "López", "", date(1985, 3, 5), None, ("+50371234567",)),
        *("", "", "Apopa", "", "", "", False, ("",) * 5, ("", var, *("",) * 10)),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cells=st.lists(ANY, max_size=12), name=ANY, var=ANY)
def test_a_row_is_kept_as_json(vault, cells, name, var):
    who = contact(name, var)
    kept = json.loads(vault.open(sealed(vault, cells, who)))
    assert kept == {"cells": cells, "contact": {"phones": ["+50371234567"], "values": who.variables()}}
    assert json.loads(vault.open(sealed(vault, cells, None))) == {"cells": cells, "contact": None}


@pytest.mark.parametrize(
    "row",
    [
        ('María; "x"\\\n', 7, b"\x00\xff", [b"a" * 32, None]),
        ("", 2**31 - 1, b"", []),
        (None, None, None, None),
        ("=1+1", -1, b"x" * 10_000, [None]),
    ],
)
def test_packed_by_hand_the_database_reads_what_was_meant(db, row):
    written, number, data, several = row
    packed = packing.text(written) + packing.int4(number) + packing.bytea(data) + packing.bytea_array(several)
    with db.begin() as tx:
        tx.exec_driver_sql("create temporary table packed (a text, b int4, c bytea, d bytea[]) on commit drop")
        raw = tx.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy("copy packed from stdin with (format binary)") as copy:
            copy.write(packing.whole([b"\x00\x04" + packed] * 2))
        found = tx.exec_driver_sql("select * from packed").all()
    assert [tuple(each) for each in found] == [row, row]
