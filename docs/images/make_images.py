"""Makes the pictures of the coordinator's manual: a real Chromium before the whole service, with invented people.

make screenshots
"""

import re
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, expect

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from assembly import Parts, campaign_line  # noqa: E402
from campaigns.status import Status, status_of  # noqa: E402
from campaigns.upload.checking import check  # noqa: E402
from core import migrate, postgres  # noqa: E402
from core.roles import Role  # noqa: E402
from demo.invent import citizen, formato  # noqa: E402
from demo.people import Someone, personas  # noqa: E402
from demo.run import SAMPLE  # noqa: E402
from ivr.line import load_lines  # noqa: E402
from tests.console.browser import a_browser, sign_in  # noqa: E402
from tests.console.builders import account  # noqa: E402
from tests.service import Service, service, wait_for  # noqa: E402

WIDTH, HEIGHT = 1280, 860  # px
AREA, COORDINATOR = "operaciones@subsidios.example", "coordinacion@subsidios.example"
SUPERVISOR, PROFESSIONAL = "supervision@subsidios.example", "profesional@subsidios.example"
TEAM = {
    AREA: Role.MISIONAL,
    COORDINATOR: Role.COORDINADOR,
    SUPERVISOR: Role.SUPERVISOR,
    PROFESSIONAL: Role.PROFESIONAL_LINEA,
}

DAY = date(2026, 11, 23)


def main() -> None:
    """Writes the pictures beside this file."""
    with TemporaryDirectory(prefix="pregonero-") as directory:
        folder = Path(directory)
        try:
            url = postgres.ensure_running(folder / "pg")
            migrate.upgrade(url)
            with service(folder, url, _who_answers(), CALLS_PER_SECOND="10", MAX_LIVE_CALLS="60") as running:
                running.start("worker")
                _take_them(running)
        finally:
            postgres.stop(folder / "pg")


def _who_answers() -> str:
    """The people of the example, who know their own answers."""
    lines = [campaign_line(line).known for line in load_lines(None).values()]
    checked = check(SAMPLE.read_bytes(), SAMPLE.name, received=DAY, lines=lines, window=lambda country: [])
    contacts = [row.contact for row in checked.rows()]
    return personas(
        Someone(each.telefonos, f"{each.fecha_nacimiento:%d%m}", each.numero_documento[-4:])
        for each in contacts
        if each is not None and each.fecha_nacimiento is not None
    )


def _take_them(running: Service) -> None:
    made = running.parts()
    for email, role in TEAM.items():
        account(made.db, made.clock, role, email)
    with a_browser() as browser:
        camera = Camera(browser, running.settings.public_url)
        _returned(camera)
        number = _handed_in(camera)
        _approved(camera, number)
        _called(camera, made, number)
    made.db.close()


class Camera:
    """A browser, and where its pictures go."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address

    def signed_in(self, email: str) -> Page:
        """A window of somebody's, wide enough for a manual."""
        page = self._browser.new_context(viewport=ViewportSize(width=WIDTH, height=HEIGHT), locale="es-SV").new_page()
        page.set_default_timeout(30_000)
        sign_in(page, self._address, email)
        return page

    def goes(self, page: Page, where: str) -> None:
        page.goto(f"{self._address}{where}")

    def takes(self, page: Page, name: str, height: int = HEIGHT) -> None:
        """A picture of the top of the page, so many pixels high at most."""
        whole = page.evaluate("document.documentElement.scrollHeight")
        page.screenshot(
            path=HERE / f"{name}.png",
            full_page=True,
            clip=FloatRect(x=0, y=0, width=WIDTH, height=min(height, whole)),
            animations="disabled",
        )


def _upload(camera: Camera, page: Page, name: str, data: bytes) -> int:
    camera.goes(page, "/campanas/nueva")
    page.get_by_label("Suelte aquí").set_input_files({"name": name, "mimeType": "", "buffer": data})
    page.get_by_role("button", name="Subir y revisar").click()
    page.wait_for_url(re.compile("/(revision|solicitud)$"))
    return int(re.findall(r"/campanas/([0-9]+)/", page.url)[0])


def _returned(camera: Camera) -> None:
    """What the area sees of a request that came back."""
    area = camera.signed_in(AREA)
    camera.goes(area, "/campanas/nueva")
    camera.takes(area, "upload")
    people = [citizen(number) for number in range(600, 640)]
    wrong = formato(people, base_legal_tratamiento="", correo_solicitante=AREA, nombre_campana="Aviso de nuevo punto")
    number = _upload(camera, area, "lista.csv", wrong)
    camera.goes(area, f"/campanas/{number}/solicitud")
    camera.takes(area, "request", 1000)


def _handed_in(camera: Camera) -> int:
    """The example: its review, and what a professional says of it."""
    professional = camera.signed_in(PROFESSIONAL)
    number = _upload(camera, professional, SAMPLE.name, SAMPLE.read_bytes())
    professional.get_by_label("Verificación").fill("Base legal, guion y muestra conformes")
    professional.get_by_role("button", name="Marcar como verificada").click()
    expect(professional.get_by_text("Verificada por")).to_be_visible()
    return number


def _approved(camera: Camera, number: int) -> None:
    coordinator = camera.signed_in(COORDINATOR)
    camera.goes(coordinator, f"/campanas/{number}/revision")
    camera.takes(coordinator, "review", 1300)
    coordinator.get_by_role("link", name="Aprobar 487 de 500").click()
    coordinator.get_by_role("button", name="Aprobar").click()
    expect(coordinator.get_by_text("La campaña quedó aprobada.")).to_be_visible()


def _called(camera: Camera, made: Parts, number: int) -> None:
    coordinator = camera.signed_in(COORDINATOR)
    camera.goes(coordinator, f"/campanas/{number}/en-vivo")
    wait_for(lambda: _status(made, number).done > 250, 240, "half of the calls")
    expect(coordinator.locator(".chart svg").first).to_be_visible()
    camera.takes(coordinator, "live", 1100)
    camera.goes(coordinator, f"/campanas/{number}/informe")
    camera.takes(coordinator, "report", 1300)
    camera.goes(coordinator, "/ajustes/exclusiones")
    camera.takes(coordinator, "exclusions", 1000)


def _status(made: Parts, number: int) -> Status:
    with made.db.begin() as tx:
        return status_of(tx, made.clock.now(), number)


if __name__ == "__main__":
    main()
