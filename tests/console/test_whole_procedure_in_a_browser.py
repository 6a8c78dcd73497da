"""Procedure 740.04.08-15 as people do it: an area's spreadsheet, its correction, its approval, the calls, the results.

The whole service runs: its worker writes the letters, its dialer calls over the local carrier, each in its own process.
"""

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
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


@dataclass
class Procedure:
    """Its steps, in their order; ``folder`` takes what is downloaded, and pictures."""

    running: Service
    made: Parts
    opened: Open
    folder: Path
    area: Page = field(init=False)
    reader: Page = field(init=False)  #: the area's too, from its letter on
    coordinator: Page = field(init=False)
    template: Path = field(init=False)
    wrong: list[dict[str, str]] = field(init=False)  #: as the rows were handed in first
    number: int = field(init=False)  #: of the campaign, since it was corrected

    @property
    def address(self) -> str:
        return self.running.settings.public_url

    def hands_in_what_is_wrong(self) -> None:
        """The area downloads the template, fills it in with a few faults, and reads what is wrong."""
        self.area = self.opened()
        sign_in(self.area, self.address, AREA)
        looked_at(self.area, "mis-solicitudes", self.folder)
        self.area.get_by_role("link", name="Subir formato").first.click()
        looked_at(self.area, "subir", self.folder)
        self.template = downloaded(self.area, "Descargar el formato vacío", self.folder / "formato.xlsx")
        self.wrong = [row_of(each) for each in CITIZENS]
        self.wrong[2]["telefono_1"] = self.wrong[2]["telefono_1"][:-1]
        self.wrong[5]["numero_documento"] = self.wrong[5]["numero_documento"][:-1] + "x"
        self.wrong[5]["primer_apellido"] = "@SUMA(1)"
        uploads(self.area, filled(self.template, self.wrong, base_legal_tratamiento=""))
        expect(self.area.get_by_text("Hay algo que corregir")).to_be_visible()
        expect(self.area.get_by_text("base_legal_tratamiento").first).to_be_visible()
        telephone = self.area.get_by_role("row").filter(has_text="telefono_1")
        expect(telephone).to_contain_text("Faltan dígitos")
        expect(telephone).not_to_contain_text(self.wrong[2]["telefono_1"])
        looked_at(self.area, "observaciones", self.folder)

    def reads_the_same_on_the_very_rows(self) -> None:
        """What it downloads says the same on the very rows."""
        book = openpyxl.load_workbook(
            downloaded(self.area, "Descargar el archivo con observaciones", self.folder / "anotado.xlsx")
        )
        notes = {str(cell.value): cell.column for cell in book["Contactos"][1]}["observaciones"]
        told = {row: str(book["Contactos"].cell(row, notes).value or "") for row in range(2, 22)}
        assert "E06" in told[4] and "E07" in told[7] and "E18" in told[7]
        assert [row for row, note in told.items() if note] == [4, 7]

    def is_told_by_a_letter(self) -> None:
        """The letter of its return holds nothing of a person, and its link asks who one is."""
        returned = letter(self.running, "returned")
        body = returned.get_content()
        assert returned["To"] == AREA and "CAMP-2026-0001" in returned["Subject"]
        assert list(returned.iter_attachments()) == []
        assert not [each for row in self.wrong for each in (row["numero_documento"], row["telefono_1"]) if each in body]
        link = re.search(r"https?://\S+/solicitud", body)
        assert link and letter(self.running, "receipt")["To"] == AREA
        self.reader = self.opened()
        self.reader.goto(link.group())
        expect(self.reader.get_by_role("heading", name="Entrar")).to_be_visible()
        self.reader.get_by_label("Correo").fill(AREA)
        self.reader.get_by_label("Contraseña").fill(PASSWORD)
        self.reader.keyboard.press("Enter")
        expect(self.reader.get_by_text("Hay algo que corregir")).to_be_visible()
        expect(self.reader.get_by_text("Tiene hasta el")).to_be_visible()
        looked_at(self.reader, "solicitud-devuelta", self.folder)

    def corrects_it(self) -> None:
        """The corrected file, and what changed."""
        self.reader.get_by_role("link", name="Subir el archivo corregido").click()
        uploads(self.reader, filled(self.template, [row_of(each) for each in CITIZENS]))
        self.number = int(re.findall(r"/campanas/(\d+)/", self.reader.url)[0])
        self.reader.goto(f"{self.address}/campanas/{self.number}/solicitud")
        changed = self.reader.get_by_role("heading", name="Qué cambió desde la solicitud devuelta")
        expect(changed).to_be_visible()
        wait_for(lambda: _again(self.reader).get_by_text("2 filas cambiaron").count() == 1, 120, "the comparison")
        expect(self.reader.get_by_text("resuelto").first).to_be_visible()
        self.reader.get_by_text("Ver los cambios uno por uno").click()
        expect(self.reader.get_by_role("row").filter(has_text="base_legal_tratamiento")).to_be_visible()
        looked_at(self.reader, "corregida", self.folder)

    def is_checked_and_approved(self) -> None:
        """A professional of the line checks it; the coordinator hears what people will hear, and approves."""
        professional = self.opened()
        sign_in(professional, self.address, "profesional_linea@ejemplo.gob.sv")
        professional.goto(f"{self.address}/campanas/{self.number}/revision")
        expect(professional.get_by_role("link", name="Aprobar")).to_have_count(0)
        professional.get_by_label("Verificación").fill("Base legal y guion conformes")
        professional.get_by_role("button", name="Marcar como verificada").click()
        expect(professional.get_by_text("Verificada por")).to_be_visible()
        self.coordinator = self.opened()
        sign_in(self.coordinator, self.address, "coordinador@ejemplo.gob.sv")
        self.coordinator.get_by_role("link", name="Aviso a nuevos beneficiarios").first.click()
        expect(self.coordinator.get_by_text("Base legal y guion conformes").first).to_be_visible()
        expect(self.coordinator.get_by_role("heading", name="Lo que se oirá")).to_be_visible()
        expect(self.coordinator.get_by_role("button", name="Oír la llamada").first).to_be_visible()
        looked_at(self.coordinator, "revision", self.folder)
        self.coordinator.get_by_role("link", name="Aprobar 20 de 20").click()
        looked_at(self.coordinator, "aprobar", self.folder)
        self.coordinator.get_by_role("button", name="Aprobar").click()
        expect(self.coordinator.get_by_text("La campaña quedó aprobada.")).to_be_visible()

    def is_dialled_to_its_end(self) -> None:
        """The page follows the calls by itself, to the end."""
        top = self.coordinator.locator("[data-part=top]")
        expect(top).to_contain_text(re.compile("Finalizada|Cerrada"), timeout=FINISHED_WITHIN)
        outcomes = self.coordinator.locator("[data-part=outcomes]")
        expect(outcomes.get_by_role("row").filter(has_text="Dato recolectado")).to_contain_text(
            str(sum(fate_of(each.number) == "collects" for each in CITIZENS))
        )
        looked_at(self.coordinator, "en-vivo", self.folder)
        self.coordinator.get_by_role("link", name="ver contactos").click()
        looked_at(self.coordinator, "contactos", self.folder)
        self.coordinator.get_by_role("table").get_by_role("link").first.click()
        looked_at(self.coordinator, "contacto", self.folder)

    def hands_out_the_results(self) -> None:
        """What came of each, row by row, for who asked."""
        self.reader.goto(f"{self.address}/campanas/{self.number}/solicitud")
        expect(self.reader.get_by_text("Los resultados están listos.")).to_be_visible()
        looked_at(self.reader, "solicitud-terminada", self.folder)
        lines = downloaded(self.reader, "(CSV)", self.folder / "r.csv").read_text("utf-8-sig").splitlines()
        came = {row["id_registro*"]: row["tipificacion"] for row in csv.DictReader(lines, delimiter=";")}
        assert came == {f"R-{each.number}": EXPECTED[fate_of(each.number)][0] for each in CITIZENS}
        results = openpyxl.load_workbook(
            downloaded(self.reader, "Descargar los resultados (Excel)", self.folder / "r.xlsx")
        )
        assert results.worksheets[0].max_row == len(CITIZENS) + 1

    def is_reported_and_closed(self) -> None:
        """The report comes as a link too; once it has left, the campaign is closed."""
        asked_for(self.made, "reports.watch")
        final = letter(self.running, "report")
        assert final["To"] == AREA and list(final.iter_attachments()) == []
        link = re.search(r"https?://\S+/informe", final.get_content())
        assert link
        self.reader.goto(link.group())
        expect(self.reader.get_by_text("Contactabilidad").first).to_be_visible()
        looked_at(self.reader, "informe", self.folder)
        assert downloaded(self.reader, "PDF del informe final", self.folder / "i.pdf").read_bytes().startswith(b"%PDF-")
        report = openpyxl.load_workbook(downloaded(self.reader, "Excel del informe final", self.folder / "i.xlsx"))
        cells = {str(cell) for sheet in report for row in sheet.iter_rows(values_only=True) for cell in row}
        assert "R-0" in cells and not cells & {CITIZENS[0].document, CITIZENS[0].phones[0], CITIZENS[0].surname}

        def is_closed() -> bool:
            asked_for(self.made, "reports.watch")
            return _again(self.reader).get_by_text("Cerrada").count() > 0

        wait_for(is_closed, 180, "the campaign's closing")
        self.coordinator.get_by_role("link", name="Informes").click()
        looked_at(self.coordinator, "informes", self.folder)


@pytest.mark.slow(40)
@pytest.mark.timeout(600)
def test_from_the_areas_spreadsheet_to_its_results(running, made, opened, tmp_path):
    for role, email in ((Role.MISIONAL, AREA), (Role.COORDINADOR, ""), (Role.PROFESIONAL_LINEA, "")):
        account(made.db, made.clock, role, email)
    procedure = Procedure(running, made, opened, tmp_path)
    procedure.hands_in_what_is_wrong()
    procedure.reads_the_same_on_the_very_rows()
    procedure.is_told_by_a_letter()
    procedure.corrects_it()
    procedure.is_checked_and_approved()
    procedure.is_dialled_to_its_end()
    procedure.hands_out_the_results()
    procedure.is_reported_and_closed()


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
