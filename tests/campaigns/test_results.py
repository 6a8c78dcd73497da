"""The results file, column by column (formato-v1, results file)."""

import csv
import io

import openpyxl
import pytest

from campaigns import conversation, results
from campaigns.approval import approve
from campaigns.life import NoSuchCampaign
from campaigns.submission import submit
from core.roles import Role
from demo.invent import citizen, formato
from tests.campaigns.builders import COORDINATOR, LINES, attempts_of, end, moment, put_on_the_line, running, scheduled

OWN = ["tipificacion", "intentos", "primer_intento", "ultimo_intento", "telefono_contactado", "duracion_s"]
UPLOADED = [
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "primer_apellido"),
    *("fecha_nacimiento", "telefono_1", "telefono_2"),
]


def written(db, vault, campaign_id, kind) -> bytes:
    out = io.BytesIO()
    with db.begin() as tx:
        results.write(tx, vault, campaign_id, out, kind)
    return out.getvalue()


def as_rows(data: bytes, delimiter=";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """Four people: one heard it and answered, one is busy on the second phone, one was refused, one is to come."""
    campaign_id = running(db, vault, clock, 4)
    heard, refused, _due, twice = attempts_of(db, campaign_id)
    put_on_the_line(db, heard.id, "CA1", moment("2026-11-23 10:00"))
    with db.begin() as tx:
        conversation.keep_collected(tx, vault, heard.id, {"1": "2"})
    end(db, vault, moment("2026-11-23 10:01"), heard.id, "completed", progress="collected", duration_s=61)
    put_on_the_line(db, refused.id, "CA2", moment("2026-11-23 10:00"))
    end(db, vault, clock.now(), refused.id, "failed")
    put_on_the_line(db, twice.id, "CA3", moment("2026-11-23 10:00"))
    end(db, vault, clock.now(), twice.id, "no-answer")
    retry = attempts_of(db, campaign_id)[-1]
    put_on_the_line(db, retry.id, "CA4", moment("2026-11-23 13:00"))
    end(db, vault, moment("2026-11-23 13:00"), retry.id, "busy")
    return campaign_id


def test_a_csv_row_by_row(db, vault, campaign_id):
    heading, heard, failed, due, twice = as_rows(written(db, vault, campaign_id, "csv"))
    assert heading == [*UPLOADED, *OWN, "recolectar_1"]
    assert [row[0] for row in (heard, failed, due, twice)] == [f"R-{n:06}" for n in range(4)]
    began = "2026-11-23T10:00:00-06:00"
    assert heard[8:] == ["contacto_titular.dato_recolectado", "1", began, began, "+50371000000", "61", "2"]
    assert failed[8:] == ["no_contacto.fallida", "1", began, began, "+50371000001", "0", ""]
    assert due[8:] == ["", "0", "", "", "", "", ""]
    later = "2026-11-23T13:00:00-06:00"
    assert twice[8:] == ["no_contacto.ocupado", "2", began, later, "+50375000003", "0", ""]


def test_a_csv_byte_by_byte(db, vault, campaign_id):
    data = written(db, vault, campaign_id, "csv")
    assert data.startswith(b"\xef\xbb\xbfid_registro;tipo_documento;")
    assert data.count(b"\r\n") == data.count(b"\n") == 5
    assert not [line for line in data.decode("utf-8-sig").splitlines() if line.startswith("#")]


def test_a_workbook(db, vault, campaign_id, tmp_path):
    path = tmp_path / "resultados.xlsx"
    with db.begin() as tx:
        assert results.write(tx, vault, campaign_id, path) == 4
    sheet = openpyxl.load_workbook(path).active
    heading, heard, _, due, _ = sheet.iter_rows(values_only=True)
    assert list(heading) == [*UPLOADED, *OWN, "recolectar_1"]
    assert heard[9] == 1
    assert heard[13] == 61
    assert heard[12] == "+50371000000"
    assert due[8:] == (None, 0, None, None, None, None, None)


def upload(people: int, change) -> bytes:
    """A list whose heading and rows went through ``change(n, cells)``; n is None for the heading."""
    text = formato([citizen(n) for n in range(people)]).decode()
    head, heading, rows = text.partition("id_registro")
    lines = (heading + rows).split("\r\n")
    changed = [";".join(change(n - 1 if n else None, line.split(";"))) for n, line in enumerate(lines)]
    return (head + "\r\n".join(changed)).encode()


def approved(db, vault, clock, data) -> int:
    done = submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", data)
    assert done.state == "under_review", done.observations
    with db.begin() as tx:
        approve(tx, clock.now(), done.id, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")
    return done.id


def test_answers_are_left_out_and_columns_of_their_own_are_handed_back(db, vault, clock):
    def change(n, cells):
        return [*cells, "resp_1", "zona", "Resp 2"] if n is None else [*cells, "4321", f"zona {n}", "8765"]

    data = written(db, vault, approved(db, vault, clock, upload(2, change)), "csv")
    heading, first, second = as_rows(data)
    assert heading[:9] == [*UPLOADED, "zona"]
    assert (first[8], second[8]) == ("zona 0", "zona 1")
    assert b"4321" not in data
    assert b"8765" not in data


def test_what_a_spreadsheet_would_run_arrives_as_text(db, vault, clock, tmp_path):
    def change(n, cells):
        return [*cells, "nota"] if n is None else [*cells, "=HYPERLINK(0)"]

    campaign_id = approved(db, vault, clock, upload(1, change))
    assert as_rows(written(db, vault, campaign_id, "csv"))[1][8] == "'=HYPERLINK(0)"
    path = tmp_path / "r.xlsx"
    with db.begin() as tx:
        results.write(tx, vault, campaign_id, path)
    cell = openpyxl.load_workbook(path).active.cell(2, 9)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(0)", "s")


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_the_uploads_own_delimiter(db, vault, clock, delimiter):
    data = formato([citizen(1)], mensaje_guion="Llame hoy.", aviso_privacidad="Solo para esto.", mensaje_buzon="")
    campaign_id = approved(db, vault, clock, data.replace(b";", delimiter.encode()))
    assert as_rows(written(db, vault, campaign_id, "csv"), delimiter)[0] == [*UPLOADED, *OWN, "recolectar_1"]


def test_rows_in_error_say_why_they_were_never_dialled(db, vault, clock):
    def change(n, cells):
        return [cells[0], cells[1], "123", *cells[3:]] if n == 30 else cells

    data = written(db, vault, approved(db, vault, clock, upload(31, change)), "csv")
    assert as_rows(data)[-1][8:] == ["no_marcable.registro_con_error", "0", "", "", "", "", ""]


def test_nothing_is_collected_where_nothing_was_asked(db, vault, clock):
    campaign_id = scheduled(db, vault, clock, 1, recolectar_1="", recolectar_1_opciones="")
    assert as_rows(written(db, vault, campaign_id, "csv"))[0] == [*UPLOADED, *OWN]


def test_there_is_no_such_campaign_and_no_file_then(db, vault, tmp_path):
    path = tmp_path / "r.csv"
    with pytest.raises(NoSuchCampaign), db.begin() as tx:
        results.write(tx, vault, 9, path)
    assert not path.exists()
