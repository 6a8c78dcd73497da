"""The demo's directory: invented people, reached by their extension alone."""

from demo import directory
from desk.directory import queries
from desk.directory.queries import Filter


def test_it_is_there_once_and_holds_no_telephone(parts, db, clock):
    for added in (12, 0):
        with db.begin() as tx:
            assert directory.fill(tx, clock.now(), parts.lines) == added
    with db.begin() as tx:
        entries = queries.found(tx, Filter())
    assert {entry.line for entry in entries} == {"issemym"}
    assert all(entry.extension and not entry.telephone for entry in entries)
    assert len({entry.category for entry in entries}) > 3


def test_a_person_of_it_is_found_by_the_keys_of_their_name(parts, db, clock):
    with db.begin() as tx:
        directory.fill(tx, clock.now(), parts.lines)
        found = [entry.name for entry in queries.spelt(tx, "issemym", "76253")]  # ROBLE…
    assert found == ["Damián Robles Luna", "Elisa Robles Mena"]


def test_where_the_line_is_not_installed_there_is_none(db, clock):
    with db.begin() as tx:
        assert directory.fill(tx, clock.now(), {}) == 0
