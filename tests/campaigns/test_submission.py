"""An upload becomes a campaign: whole or not at all, kept so that only the key reads it."""

import io
import json
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select

from campaigns.annotating import annotated_csv, write_annotated
from campaigns.conversation import is_right
from campaigns.importing import import_campaign
from campaigns.life import NoSuchCampaign, NotAllowed, state_of
from campaigns.states import CampaignState
from campaigns.submission import Submitted, submit
from campaigns.tables import campaign, observation, recipient
from campaigns.upload import reading
from core import files
from core.privacy import Vault
from core.spreadsheets import Unreadable
from demo.invent import citizen, formato
from tests.campaigns.builders import COORDINATOR, LINES, attempts_of, people_of, scheduled, submitted


def hand_in(db, vault, clock, data, name="lista.csv", **more) -> Submitted:
    return submit(db, vault, clock, LINES, COORDINATOR, name, data, **more)


def count(db, table) -> int:
    with db.begin() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def is_empty(db) -> bool:
    return not any(count(db, table) for table in (campaign, recipient, observation, files.stored_file))


def test_a_good_list_waits_for_review(db, vault, clock):
    done = submitted(db, vault, clock, 4)
    assert (done.state, done.recipients, done.dialled, done.observations) == ("under_review", 4, 4, [])
    with db.begin() as tx:
        row = tx.execute(select(campaign)).one()
    assert (row.line, row.country, row.caller_id, row.max_attempts) == ("dgs", "SV", "+50322373333", 4)
    assert (row.submitted_at, row.submitted_by, row.recipients) == (clock.now(), COORDINATOR, 4)
    assert [person.phones for person in people_of(db, done.id)] == [2, 1, 1, 2]


def test_what_submit_prints_as_json(db, vault, clock):
    told = json.loads(json.dumps(submitted(db, vault, clock, 2, formato_version="V9").as_json()))
    assert list(told) == ["id", "state", "sha256", "recipients", "observations"]
    assert (told["state"], told["recipients"], len(told["sha256"])) == ("returned", 2, 64)
    assert list(told["observations"][0]) == [
        *("code", "level", "sheet", "row", "column", "cell", "value", "message", "suggestion")
    ]
    assert told["observations"][0]["code"] == "E01"


def test_bad_rows_are_kept_and_never_dialled(db, vault, clock):
    lines = formato([citizen(n) for n in range(40)]).decode().split("\r\n")
    lines[-1] = lines[-1].replace(";DUI;", ";DUI;9")  # no such document
    done = hand_in(db, vault, clock, "\r\n".join(lines).encode())
    assert (done.state, done.recipients, done.dialled) == ("under_review", 40, 39)
    *good, bad = people_of(db, done.id)
    assert {(person.outcome, person.is_final) for person in good} == {(None, False)}
    assert (bad.outcome, bad.is_final, bad.phones, bad.person_print) == (
        "no_marcable.registro_con_error",
        True,
        0,
        None,
    )
    assert count(db, observation) == len(done.observations) >= 1


def test_who_asked_not_to_be_called_is_not(db, vault, clock):
    text = formato([citizen(n) for n in range(3)]).decode()
    head, _, rows = text.partition("id_registro")
    first, *people = ("id_registro" + rows).split("\r\n")
    people = [f"{row};{'SI' if n == 1 else 'NO'}" for n, row in enumerate(people)]
    done = hand_in(db, vault, clock, "\r\n".join([head.rstrip("\r\n"), "", first + ";no_llamar", *people]).encode())
    assert [person.outcome for person in people_of(db, done.id)] == [None, "no_marcable.excluido", None]


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04 no workbook", b'#pais;SV\n"a'])
def test_what_cannot_be_read_leaves_nothing_behind(db, vault, clock, data):
    with pytest.raises(Unreadable):
        hand_in(db, vault, clock, data)
    assert is_empty(db)


def test_a_request_that_cannot_be_made_out_is_returned_with_its_file(db, vault, clock):
    data = formato([citizen(1)], pais="Utopía", fecha_inicio="mañana")
    done = hand_in(db, vault, clock, data)
    assert (done.state, done.recipients) == ("returned", 1)
    with db.begin() as tx:
        assert files.fetch(tx, vault, tx.execute(select(campaign.c.file_id)).scalar_one()) == data


def test_the_same_bytes_twice_on_a_day_are_returned(db, vault, clock):
    data = formato([citizen(1)])
    assert hand_in(db, vault, clock, data).state == "under_review"
    clock.advance(timedelta(hours=13))  # 23:00
    again = hand_in(db, vault, clock, data)
    assert again.state == "returned"
    assert [each.code for each in again.observations] == ["E15"]


def test_the_next_day_they_are_another_request(db, vault, clock):
    data = formato([citizen(1)], fecha_inicio="07/12/2026")
    hand_in(db, vault, clock, data)
    clock.advance(timedelta(hours=14))  # midnight where the institution is
    assert hand_in(db, vault, clock, data).state == "under_review"


def test_a_returned_campaign_is_replaced_by_its_correction(db, vault, clock):
    bad = submitted(db, vault, clock, 2, formato_version="V9")
    good = hand_in(db, vault, clock, formato([citizen(0), citizen(1)]), replaces=bad.id)
    assert good.state == "under_review"
    with db.begin() as tx:
        assert state_of(tx, bad.id) == CampaignState.CANCELLED
        assert tx.execute(select(campaign.c.replaces).where(campaign.c.id == good.id)).scalar_one() == bad.id
    assert not any(person.answers for person in people_of(db, bad.id))


def test_the_file_with_observations_is_not_the_one_to_correct(db, vault, clock):
    """It hides dates and answers: it is refused once, as a whole, and what was returned can still be corrected."""
    returned = submitted(db, vault, clock, 2, formato_version="V9").id
    read = reading.read_upload(formato([citizen(0), citizen(1)]), "lista.csv")
    corrected = b"".join(annotated_csv(read, []))
    with pytest.raises(Unreadable, match="corrija su archivo original"):
        hand_in(db, vault, clock, corrected, replaces=returned)
    with db.begin() as tx:
        assert state_of(tx, returned) == CampaignState.RETURNED
    assert count(db, campaign) == 1
    with pytest.raises(Unreadable, match="corrija su archivo original"):
        book = io.BytesIO()
        write_annotated(book, read, [])
        hand_in(db, vault, clock, book.getvalue(), "lista.xlsx")


def test_only_a_returned_campaign_can_be_replaced(db, vault, clock):
    done = submitted(db, vault, clock, 1)
    other = formato([citizen(2)])
    with pytest.raises(NotAllowed, match="devuelta"):
        hand_in(db, vault, clock, other, replaces=done.id)
    with pytest.raises(NoSuchCampaign):
        hand_in(db, vault, clock, other, replaces=done.id + 1)
    assert count(db, campaign) == 1


def test_a_failure_in_the_middle_leaves_nothing_half_stored(db, vault, clock):
    """The key's device fails at the third person: our own seam, the vault, does what a disk or a bug would."""
    calls = iter(range(100))

    def seal(value):
        if next(calls) == 4:  # the request, the file, two people
            raise OSError("the key's device is gone")
        return vault.seal(value)

    class Failing(Vault):
        def seal_each(self, values):
            return [seal(value) for value in values]

    failing = Failing("a key for tests alone, of no use elsewhere")
    failing.seal = seal  # type: ignore[method-assign]
    with pytest.raises(OSError, match="device"):
        hand_in(db, failing, clock, formato([citizen(n) for n in range(5)]))
    with db.begin() as tx:
        left = tx.execute(select(campaign)).one()
    assert (left.state, count(db, recipient)) == ("submitted", 0)
    assert import_campaign(db, vault, clock, LINES, left.id) == "under_review"
    assert len(people_of(db, left.id)) == 5


def test_an_upload_has_a_limit(db, vault, clock, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(Unreadable, match="pesa más de 200 MB"):
        hand_in(db, vault, clock, formato([citizen(1)]))
    assert is_empty(db)


def test_the_original_is_kept_and_nothing_personal_can_be_read_in_the_database(db, vault, clock):
    people = [citizen(n) for n in range(20, 26)]
    data = formato(people, nombre_campana="Aviso")
    done = hand_in(db, vault, clock, data)
    with db.begin() as tx:
        assert files.fetch(tx, vault, tx.execute(select(campaign.c.file_id)).scalar_one()) == data
    held = everything_in(db)
    assert done.sha256.encode() in held  # the search sees what there is
    for person in people:
        for secret in (person.document, person.document.replace("-", ""), *person.phones, person.phones[0][4:]):
            assert secret.encode() not in held, secret
        assert f"{person.born:%d/%m/%Y}".encode() not in held
        assert f"{person.name};{person.surname}".encode() not in held


def everything_in(db) -> bytes:
    """Each row of each of our tables as PostgreSQL writes it out, binary columns as their bytes."""
    found = []
    with psycopg.connect(db.url.replace("postgresql+psycopg", "postgresql")) as connection:
        names = connection.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename not like 'procrastinate%'"
        ).fetchall()
        for (name,) in names:
            with connection.cursor().copy(f'copy "{name}" to stdout (format binary)') as copy:
                found += list(copy)
    return b"".join(bytes(piece) for piece in found)


def test_answers_are_compared_and_never_stored(db, vault, clock):
    campaign_id = scheduled(db, vault, clock, 1)
    person = citizen(0)
    (due,) = attempts_of(db, campaign_id)
    with db.begin() as tx:
        given = {
            (n, answer): is_right(tx, vault, due.id, n, answer)
            for n in range(3)
            for answer in (person.ddmm, person.last4, "0000")
        }
    assert [asked for asked, right in given.items() if right] == [(0, person.ddmm), (1, person.last4)]
