"""Procedure 740.04.08-15 as people do it: an area's spreadsheet, its correction, its approval, the calls, the results.

The whole service runs: its worker writes the letters, its dialer calls over the local carrier, each in its own process.
"""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect
from procrastinate.exceptions import AlreadyEnqueued

from assembly import Parts
from core import jobs
from core.database import Database
from core.roles import Role
from demo.invent import REQUEST, Citizen
from demo.people import fate_of
from tests.console.accessibility import looked_at, tab_to
from tests.console.browser import a_browser, already_in, hear_errors, served, sign_in
from tests.console.builders import PASSWORD, account, formato, forty, importing, person
from tests.console.conftest import make_app
from tests.dialer.campaigns import EXPECTED, people, personas_of
from tests.service import Service, service, wait_for

pytestmark = pytest.mark.browser

AREA = "area@ejemplo.gob.sv"
CITIZENS = people(20)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FINISHED_WITHIN = 90_000  # ms: weeks of calls and retries, under the rehearsal clock

IMPORTED_WITHIN = 60_000  # ms: by the worker, which may be busy with what else was left to it

Open = Callable[[], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Windows, each of somebody else's, in which no script may fail and nothing may be forbidden."""
    said: list[str] = []
    windows: list[Page] = []

    def opened() -> Page:
        window = browser.new_context(viewport={"width": 1280, "height": 800}, locale="es-SV").new_page()
        hear_errors(window, said)
        window.on("filechooser", lambda _: None)  # from its beginning on, the window tells of those that open
        window.set_default_timeout(20_000)
        windows.append(window)
        return window

    yield opened
    for window in windows:
        window.context.close()
    assert [line for line in said if "status of 4" not in line] == []


@pytest.fixture
def page(opened: Open) -> Page:
    return opened()


@pytest.fixture
def running(db: Database, database_url: str, tmp_path: Path) -> Iterator[Service]:
    """Everything, with people who answer as their fate says."""
    with service(tmp_path, database_url, personas_of(CITIZENS), CALLS_PER_SECOND="20", MAX_LIVE_CALLS="20") as started:
        started.start("worker")
        yield started


@pytest.fixture
def made(running: Service) -> Iterator[Parts]:
    """The service's own parts, to look behind the screens."""
    parts = running.parts()
    yield parts
    parts.db.close()


def row_of(each: Citizen) -> dict[str, str]:
    """The person as a row of Contactos."""
    phones = [f"{phone[4:8]}-{phone[8:]}" for phone in each.phones]
    return {
        "id_registro": f"R-{each.number}",
        "tipo_documento": "DUI",
        "numero_documento": each.document,
        "primer_nombre": each.name,
        "primer_apellido": each.surname,
        "fecha_nacimiento": f"{each.born:%d/%m/%Y}",
        **{f"telefono_{place}": phone for place, phone in enumerate(phones, start=1)},
    }


def filled(template: Path, rows: list[dict[str, str]], **fields: str) -> bytes:
    """The template as somebody fills it in, cell by cell."""
    book = openpyxl.load_workbook(template)
    written = {**REQUEST, "cantidad_registros": str(len(rows)), "correo_solicitante": AREA, **fields}
    for row in book["Solicitud"].iter_rows(min_row=2):
        name = str(row[0].value).rstrip("*")
        if name in written:
            row[1].value = written[name] or None
    sheet = book["Contactos"]
    columns = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    for number, each in enumerate(rows, start=2):
        for name, value in each.items():
            sheet.cell(number, columns[name], value)
    target = template.with_name("lleno.xlsx")
    book.save(target)
    return target.read_bytes()


def downloaded(page: Page, link: str, to: Path) -> Path:
    with page.expect_download() as saved:
        page.get_by_role("link", name=link).first.click()
    saved.value.save_as(to)
    return to


def uploads(page: Page, data: bytes, name: str = "solicitud.xlsx") -> None:
    page.get_by_label("Suelte aquí").set_input_files({"name": name, "mimeType": XLSX, "buffer": data})
    page.get_by_role("button", name="Subir y revisar").click()
    page.wait_for_url(re.compile("/(revision|solicitud)$"), timeout=IMPORTED_WITHIN)


def letter(running: Service, kind: str) -> EmailMessage:
    """The first letter of this kind in the folder that stands for a mail server."""
    folder = running.settings.data_dir / "correo"
    wait_for(lambda: any(folder.glob(f"*-{kind}.eml")), 180, f"a letter: {kind}")
    first = sorted(folder.glob(f"*-{kind}.eml"))[0]
    read = BytesParser(policy=policy.default).parsebytes(first.read_bytes())
    assert isinstance(read, EmailMessage)
    return read


def asked_for(made: Parts, task: str) -> None:
    """Leaves a job of each minute in the worker's queue now, as the full minute does; one that waits there will do."""
    with suppress(AlreadyEnqueued), made.db.begin() as tx:
        jobs.defer(tx, task, queueing_lock=task, lock=task, timestamp=0)


@pytest.mark.slow(40)
@pytest.mark.timeout(600)
def test_from_the_areas_spreadsheet_to_its_results(running, made, opened, tmp_path):
    address, shots = running.settings.public_url, tmp_path
    for role, email in ((Role.MISIONAL, AREA), (Role.COORDINADOR, ""), (Role.PROFESIONAL_LINEA, "")):
        account(made.db, made.clock, role, email)

    # The area downloads the template, fills it in with a few faults, and reads what is wrong.
    area = opened()
    sign_in(area, address, AREA)
    looked_at(area, "mis-solicitudes", shots)
    area.get_by_role("link", name="Subir formato").first.click()
    looked_at(area, "subir", shots)
    template = downloaded(area, "Descargar el formato vacío", tmp_path / "formato.xlsx")
    wrong = [row_of(each) for each in CITIZENS]
    wrong[2]["telefono_1"] = wrong[2]["telefono_1"][:-1]
    wrong[5]["numero_documento"] = wrong[5]["numero_documento"][:-1] + "x"
    wrong[5]["primer_apellido"] = "@SUMA(1)"
    uploads(area, filled(template, wrong, base_legal_tratamiento=""))
    expect(area.get_by_text("Hay algo que corregir")).to_be_visible()
    expect(area.get_by_text("base_legal_tratamiento").first).to_be_visible()
    telephone = area.get_by_role("row").filter(has_text="telefono_1")
    expect(telephone).to_contain_text("Faltan dígitos")
    expect(telephone).not_to_contain_text(wrong[2]["telefono_1"])
    looked_at(area, "observaciones", shots)

    # What it downloads says the same on the very rows.
    book = openpyxl.load_workbook(downloaded(area, "Descargar el archivo con observaciones", tmp_path / "anotado.xlsx"))
    notes = {str(cell.value): cell.column for cell in book["Contactos"][1]}["observaciones"]
    told = {row: str(book["Contactos"].cell(row, notes).value or "") for row in range(2, 22)}
    assert "E06" in told[4] and "E07" in told[7] and "E18" in told[7]
    assert [row for row, note in told.items() if note] == [4, 7]

    # The letter of its return holds nothing of a person, and its link asks who one is.
    returned = letter(running, "returned")
    body = returned.get_content()
    assert returned["To"] == AREA and "CAMP-2026-0001" in returned["Subject"]
    assert list(returned.iter_attachments()) == []
    assert not [each for row in wrong for each in (row["numero_documento"], row["telefono_1"]) if each in body]
    link = re.search(r"https?://\S+/solicitud", body)
    assert link and letter(running, "receipt")["To"] == AREA
    reader = opened()
    reader.goto(link.group())
    expect(reader.get_by_role("heading", name="Entrar")).to_be_visible()
    reader.get_by_label("Correo").fill(AREA)
    reader.get_by_label("Contraseña").fill(PASSWORD)
    reader.keyboard.press("Enter")
    expect(reader.get_by_text("Hay algo que corregir")).to_be_visible()
    expect(reader.get_by_text("Tiene hasta el")).to_be_visible()
    looked_at(reader, "solicitud-devuelta", shots)

    # The corrected file, and what changed.
    reader.get_by_role("link", name="Subir el archivo corregido").click()
    uploads(reader, filled(template, [row_of(each) for each in CITIZENS]))
    number = int(re.findall(r"/campanas/(\d+)/", reader.url)[0])
    reader.goto(f"{address}/campanas/{number}/solicitud")
    changed = reader.get_by_role("heading", name="Qué cambió desde la solicitud devuelta")
    expect(changed).to_be_visible()
    wait_for(lambda: _again(reader).get_by_text("2 filas cambiaron").count() == 1, 120, "the comparison")
    expect(reader.get_by_text("resuelto").first).to_be_visible()
    reader.get_by_text("Ver los cambios uno por uno").click()
    expect(reader.get_by_role("row").filter(has_text="base_legal_tratamiento")).to_be_visible()
    looked_at(reader, "corregida", shots)

    # A professional of the line checks it; the coordinator hears what people will hear, and approves.
    professional = opened()
    sign_in(professional, address, "profesional_linea@ejemplo.gob.sv")
    professional.goto(f"{address}/campanas/{number}/revision")
    expect(professional.get_by_role("link", name="Aprobar")).to_have_count(0)
    professional.get_by_label("Verificación").fill("Base legal y guion conformes")
    professional.get_by_role("button", name="Marcar como verificada").click()
    expect(professional.get_by_text("Verificada por")).to_be_visible()
    coordinator = opened()
    sign_in(coordinator, address, "coordinador@ejemplo.gob.sv")
    coordinator.get_by_role("link", name="Aviso a nuevos beneficiarios").first.click()
    expect(coordinator.get_by_text("Base legal y guion conformes").first).to_be_visible()
    expect(coordinator.get_by_role("heading", name="Lo que se oirá")).to_be_visible()
    expect(coordinator.get_by_role("button", name="Oír la llamada").first).to_be_visible()
    looked_at(coordinator, "revision", shots)
    coordinator.get_by_role("link", name="Aprobar 20 de 20").click()
    looked_at(coordinator, "aprobar", shots)
    coordinator.get_by_role("button", name="Aprobar").click()
    expect(coordinator.get_by_text("La campaña quedó aprobada.")).to_be_visible()

    # The page follows the calls by itself, to the end.
    top = coordinator.locator("[data-part=top]")
    expect(top).to_contain_text(re.compile("Finalizada|Cerrada"), timeout=FINISHED_WITHIN)
    outcomes = coordinator.locator("[data-part=outcomes]")
    expect(outcomes.get_by_role("row").filter(has_text="Dato recolectado")).to_contain_text(
        str(sum(fate_of(each.number) == "collects" for each in CITIZENS))
    )
    looked_at(coordinator, "en-vivo", shots)
    coordinator.get_by_role("link", name="ver contactos").click()
    looked_at(coordinator, "contactos", shots)
    coordinator.get_by_role("table").get_by_role("link").first.click()
    looked_at(coordinator, "contacto", shots)

    # What came of each, row by row, for who asked.
    reader.goto(f"{address}/campanas/{number}/solicitud")
    expect(reader.get_by_text("Los resultados están listos.")).to_be_visible()
    looked_at(reader, "solicitud-terminada", shots)
    lines = downloaded(reader, "(CSV)", tmp_path / "r.csv").read_text("utf-8-sig").splitlines()
    came = {row["id_registro*"]: row["tipificacion"] for row in csv.DictReader(lines, delimiter=";")}
    assert came == {f"R-{each.number}": EXPECTED[fate_of(each.number)][0] for each in CITIZENS}
    results = openpyxl.load_workbook(downloaded(reader, "Descargar los resultados (Excel)", tmp_path / "r.xlsx"))
    assert results.worksheets[0].max_row == len(CITIZENS) + 1

    # The report comes as a link too; once it has left, the campaign is closed.
    asked_for(made, "reports.watch")
    final = letter(running, "report")
    assert final["To"] == AREA and list(final.iter_attachments()) == []
    link = re.search(r"https?://\S+/informe", final.get_content())
    assert link
    reader.goto(link.group())
    expect(reader.get_by_text("Contactabilidad").first).to_be_visible()
    looked_at(reader, "informe", shots)
    assert downloaded(reader, "PDF del informe final", tmp_path / "i.pdf").read_bytes().startswith(b"%PDF-")
    report = openpyxl.load_workbook(downloaded(reader, "Excel del informe final", tmp_path / "i.xlsx"))
    cells = {str(cell) for sheet in report for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "R-0" in cells and not cells & {CITIZENS[0].document, CITIZENS[0].phones[0], CITIZENS[0].surname}

    def is_closed() -> bool:
        asked_for(made, "reports.watch")
        return _again(reader).get_by_text("Cerrada").count() > 0

    wait_for(is_closed, 180, "the campaign's closing")
    coordinator.get_by_role("link", name="Informes").click()
    looked_at(coordinator, "informes", shots)


def _again(page: Page) -> Page:
    page.reload()
    return page


@pytest.fixture
def address(office) -> Iterator[str]:
    """Served as it is in earnest: with tokens against forged posts."""
    with served(make_app(office, csrf=True)) as where, importing(office):
        yield where


@pytest.mark.parametrize(
    "fields",
    [{"urgente": "SI", "justificacion_urgencia": "Vence el subsidio"}, {"contiene_datos_sensibles": "SI"}],
    ids=["urgent", "sensitive"],
)
def test_what_takes_a_supervisor(address, opened, db, clock, tmp_path, fields):
    coordinator = opened()
    already_in(coordinator, address, account(db, clock, Role.COORDINADOR))
    coordinator.goto(f"{address}/campanas/nueva")
    uploads(coordinator, formato([person(n) for n in range(1, 5)], **fields))
    expect(coordinator.get_by_text("la aprueba un supervisor")).to_be_visible()
    expect(coordinator.get_by_role("link", name="Aprobar")).to_have_count(0)
    where = coordinator.url
    looked_at(coordinator, "para-supervisor", tmp_path)

    supervisor = opened()
    already_in(supervisor, address, account(db, clock, Role.SUPERVISOR))
    supervisor.goto(where)
    supervisor.get_by_role("link", name="Aprobar 4 de 4").click()
    supervisor.get_by_role("button", name="Aprobar").click()
    expect(supervisor.get_by_text("Escriba el motivo.")).to_be_visible()
    looked_at(supervisor, "sin-motivo", tmp_path)
    supervisor.get_by_label("Motivo").fill("Lo pidió la dirección")
    supervisor.get_by_role("button", name="Aprobar").click()
    expect(supervisor.get_by_text("La campaña quedó aprobada.")).to_be_visible()
    coordinator.reload()
    story = coordinator.get_by_role("listitem").filter(has_text="Lo pidió la dirección")
    expect(story).to_contain_text("Supervisor: «Lo pidió la dirección»")


def test_with_the_keyboard_alone(address, page, db, clock):
    email = account(db, clock, Role.COORDINADOR)
    page.goto(f"{address}/entrar")
    page.keyboard.type(email)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campanas")
    tab_to(page, page.get_by_role("link", name="Ir al contenido"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Subir formato").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/campanas/nueva")

    tab_to(page, page.get_by_role("button", name="Elegir archivo"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "formato.xlsx", "mimeType": XLSX, "buffer": forty()})
    tab_to(page, page.get_by_role("button", name="Subir y revisar"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/revision")

    tab_to(page, page.get_by_role("link", name="Ir al contenido"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Aprobar 39 de 40"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/aprobar")
    tab_to(page, page.get_by_role("button", name="Aprobar"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("La campaña quedó aprobada.")).to_be_visible()
