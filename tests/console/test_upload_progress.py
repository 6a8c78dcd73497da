"""What is seen between handing a file in and its review."""

from io import BytesIO

import pytest
from sqlalchemy import update

from campaigns.upload.tables import import_progress
from core.roles import Role
from tests.console.builders import forty, import_now, upload

AS_A_SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


def hand_in(client, data: bytes | None = None) -> str:
    """The address to which the form leads."""
    answer = client.post("/campanas/nueva", data={"file": (BytesIO(data or forty()), "formato.xlsx")})
    assert answer.status_code == 302
    return answer.location


def come_to(db, stage: str, done: int, total: int) -> None:
    with db.begin() as tx:
        tx.execute(update(import_progress).values(stage=stage, done=done, total=total))


def test_the_file_is_there_with_its_number_before_its_rows_are_looked_at(supervisor):
    page = supervisor.get(hand_in(supervisor)).text
    assert "CAMP-2026-0001" in page
    assert "Leyendo el archivo" in page
    assert 'http-equiv="refresh"' in page  # for whoever has no script


@pytest.mark.parametrize(
    ("stage", "done", "total", "told"),
    [
        ("LEYENDO", 0, 0, {"label": "Leyendo el archivo", "percent": None, "rows": ""}),
        (
            "GUARDANDO",
            12_000,
            40_000,
            {"label": "Revisando y guardando cada fila", "percent": 30, "rows": "12,000 de 40,000 filas"},
        ),
        ("GUARDANDO", 12_000, 0, {"label": "Revisando y guardando cada fila", "percent": None, "rows": "12,000 filas"}),
        (
            "DUPLICADOS",
            40_000,
            40_000,
            {"label": "Buscando personas repetidas", "percent": 100, "rows": "40,000 de 40,000 filas"},
        ),
    ],
)
def test_how_far_it_is_is_told(supervisor, db, stage, done, total, told):
    where = hand_in(supervisor)
    come_to(db, stage, done, total)
    assert supervisor.get(where, headers=AS_A_SCRIPT).json == told
    page = supervisor.get(where).text
    assert told["label"] in page
    assert told["rows"] in page


def test_when_it_has_ended_its_review_is_shown(supervisor):
    where = hand_in(supervisor)
    import_now(supervisor.application.extensions["office"], 1)
    assert supervisor.get(where).location == "/campanas/1/revision"
    assert supervisor.get(where, headers=AS_A_SCRIPT).json == {"url": "/campanas/1/revision"}


def test_an_area_comes_to_the_page_of_its_request(as_role):
    area = as_role(Role.MISIONAL)
    where = hand_in(area)
    import_now(area.application.extensions["office"], 1)
    assert area.get(where).location == "/campanas/1/solicitud"
    assert area.get("/campanas/1").location == "/campanas/1/solicitud"
    assert "Ensayar" not in area.get("/campanas/1/revision").text


def test_from_the_list_whoever_handed_it_in_comes_back_to_it(supervisor):
    where = hand_in(supervisor)
    assert supervisor.get("/campanas/1").location == where


@pytest.mark.parametrize("role", [Role.COORDINADOR, Role.MISIONAL, Role.PROFESIONAL_LINEA])
def test_of_another_s_upload_nothing_is_seen(app, supervisor, as_role, role):
    where = hand_in(supervisor)
    stranger = as_role(role)
    assert stranger.get(where).status_code == 404
    assert stranger.get(where, headers=AS_A_SCRIPT).status_code == 404


@pytest.mark.parametrize("where", ["revision", "contactos", "en-vivo", "resultados.csv", "observaciones"])
def test_half_a_list_is_shown_nowhere(supervisor, where):
    hand_in(supervisor)
    answer = supervisor.get(f"/campanas/1/{where}")
    assert (answer.status_code, "Todavía estamos revisando" in answer.text) == (409, True)


def test_a_file_whose_damage_is_far_down_comes_back_with_its_reason(supervisor):
    number = upload(supervisor, whole_then_cut(), name="lista.csv")
    page = supervisor.get(f"/campanas/{number}/revision").text
    assert "faltan las comillas de cierre" in page
    annotated = supervisor.get(f"/campanas/{number}/observaciones")
    assert (annotated.status_code, "faltan las comillas" in annotated.text) == (422, True)


def whole_then_cut() -> bytes:
    from demo.invent import citizen, formato

    return formato([citizen(n) for n in range(30)]) + b'\r\nR-1;DUI;"sin cerrar'
