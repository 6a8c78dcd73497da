"""The demo: the main job on invented people, from the padrón to the results, with no account and no telephone."""

import hashlib
import hmac
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
from sqlalchemy import Connection, select

import screen
from assembly import Parts, parts
from beneficiaries.imports import import_padron
from campaigns.approval import approve
from campaigns.life import NotAllowed
from campaigns.results import write
from campaigns.states import CampaignState
from campaigns.status import Status, status_of
from campaigns.submission import submit
from campaigns.tables import campaign
from campaigns.upload.checking import check
from core import migrate, postgres
from core.processes.listening import answers, is_taken
from core.roles import Role
from demo import directory
from demo.invent import citizen, formato
from demo.people import Someone, personas, strangers
from demo.place import ACTOR, EMAIL, TEAM, data_dir, refuse_somebody_elses
from ivr.line import Line
from settings import Settings, SettingsError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PADRON = EXAMPLES / "beneficiarios.csv"
SAMPLE = EXAMPLES / "formato_campanas_outbound_v1.xlsx"
SHORT = EXAMPLES / "formato_campanas_outbound_v1.csv"
CLOCK_START = "2026-11-23T10:00:00-06:00"  # a working Monday, whatever day the demo is run
TARIFF = "USD 0.06/60"  # invented, so that the preflight can say what a campaign costs
TEXT_TARIFF = "USD 0.05"  # likewise
_READY_SECONDS = 60
_ABROAD = ("+503", "+57", "+52")  # where campaigns may call


class Demo:
    """One run of ``pregonero demo``. It sets its own pace, cap, clock and people; the rest is the product."""

    def __init__(self, environ: Mapping[str, str], port: int, contacts: int | None) -> None:
        """Raises SettingsError where the environment names a real carrier or a database of somebody's."""
        if environ.get("TWILIO_ACCOUNT_SID") or environ.get("DATABASE_URL"):
            raise SettingsError("La demostración usa su propia red y su propia base: quite TWILIO_* y DATABASE_URL.")
        place = data_dir(environ)
        self._people = place / "personas.toml"
        self._env = {
            **environ,
            "DATA_DIR": str(place),
            "BIND": f"127.0.0.1:{port}",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "CARRIER_BIND": f"127.0.0.1:{port + 100}",
            "CARRIER_PERSONAS": str(self._people),
            "CALLS_PER_SECOND": environ.get("CALLS_PER_SECOND") or "20",
            "MAX_LIVE_CALLS": "60",
            "CLOCK_START": CLOCK_START,
            "TARIFF": environ.get("TARIFF") or TARIFF,
            "TEXTS_PER_SECOND": environ.get("TEXTS_PER_SECOND") or "20",
            "TEXT_TARIFF": environ.get("TEXT_TARIFF") or TEXT_TARIFF,
        }
        self._settings = Settings.from_environment(self._env)
        self._file, self._data = _upload(contacts)

    def run(self, *, ends: bool, fresh: bool) -> int:
        """Does it all; returns the exit status. Unless ``ends``, it stays up until Ctrl-C.

        Raises NotAllowed, and changes nothing, on a database that people use.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends what we started
        for address in (self._settings.bind, self._settings.carrier_bind):
            if is_taken(address):
                raise SettingsError(f"Ya hay algo en {address}. Termínelo, o elija otro puerto con --port.")
        self._prepare(fresh=fresh)
        try:
            self._on(parts(self._settings, pool_size=2), ends=ends)
        finally:
            postgres.stop(self._settings.data_dir)
        return 0

    def _prepare(self, *, fresh: bool) -> None:
        """The database, found to be the demo's and brought up to date; where it is not, its server is left as it was
        found: somebody may be working on it."""
        place = self._settings.data_dir
        was_running = postgres.is_running(place)
        try:
            url = postgres.address(self._settings)
            refuse_somebody_elses(url, fresh=fresh, is_own_place=place == data_dir({}))
            if fresh:
                migrate.start_over(url)
                (place / "carrier.jsonl").unlink(missing_ok=True)
            migrate.upgrade(url)
        except BaseException:
            if not was_running:
                postgres.stop(place)
            raise

    def _on(self, made: Parts, *, ends: bool) -> None:
        """From the people who answer to the results, with the service beside it."""
        try:
            self._write_personas(made)
            password = self._account(made)
            with made.db.begin() as tx:
                directory.fill(tx, made.clock.now(), made.lines)
            with self._serving():
                if not ends:
                    screen.invitation(self._settings.public_url, EMAIL, password)
                campaign_id = self._campaign(made)
                screen.outcomes(self._status(made, campaign_id))
                self._results(made, campaign_id)
                if not ends:
                    with made.db.begin() as tx:
                        screen.somebody_to_be(self._settings.public_url, *somebody_to_be(tx, made))
                    screen.desk_to_sit_at(self._settings.public_url, TEAM)
                    _wait()
        finally:
            made.db.close()

    def _campaign(self, made: Parts) -> int:
        """The sample's campaign: found finished from an earlier run, or taken through its life."""
        known = self._known(made)
        if known is not None:
            state = self._status(made, known).state
            if state in (CampaignState.FINISHED, CampaignState.CLOSED):
                screen.say(f"La campaña {known} ya terminó en una corrida anterior: no se marca a nadie.")
                return known
            if state != CampaignState.UNDER_REVIEW:
                self._watch(made, known)
                return known
        campaign_id = known if known is not None else self._submit(made)
        with made.db.begin() as tx:
            reason = "Demostración con personas inventadas"
            approve(tx, made.clock.now(), campaign_id, ACTOR, Role.SUPERVISOR, at_once=True, reason=reason)
        self._watch(made, campaign_id)
        return campaign_id

    def _submit(self, made: Parts) -> int:
        with made.db.begin() as tx:
            report = import_padron(tx, made.vault, made.clock.now(), PADRON.read_bytes(), ACTOR)
        screen.say(f"Padrón: {report.inserted} personas nuevas, {report.updated} actualizadas.")
        done = submit(made.db, made.vault, made.clock, made.campaign_lines, ACTOR, self._file, self._data)
        screen.observations(self._file, done)
        if done.state == CampaignState.RETURNED:  # an earlier run has moved the rehearsal clock past its dates
            raise NotAllowed("El reloj de ensayo ya pasó las fechas del ejemplo. Empiece de nuevo con --fresh.")
        return done.id

    def _known(self, made: Parts) -> int | None:
        digest = hashlib.sha256(self._data).hexdigest()
        with made.db.begin() as tx:
            query = select(campaign.c.id).where(campaign.c.sha256 == digest).order_by(campaign.c.id.desc())
            return tx.execute(query.limit(1)).scalar()

    def _watch(self, made: Parts, campaign_id: int) -> None:
        screen.watch(self._follow(made, campaign_id))

    def _follow(self, made: Parts, campaign_id: int) -> Iterator[tuple[Status, str]]:
        """How the campaign stands, again and again until it is finished, with the time of the rehearsal."""
        while True:
            status = self._status(made, campaign_id)
            yield status, screen.hour_of(made.clock.now().astimezone(made.lines["dgs"].zone))
            if status.state not in (CampaignState.SCHEDULED, CampaignState.RUNNING):
                return
            time.sleep(0.25)

    def _status(self, made: Parts, campaign_id: int) -> Status:
        with made.db.begin() as tx:
            return status_of(tx, made.clock.now(), campaign_id, made.trunks.now())

    def _results(self, made: Parts, campaign_id: int) -> None:
        target = made.settings.data_dir / f"resultados_campana_{campaign_id}.csv"
        with made.db.begin() as tx:
            write(tx, made.vault, campaign_id, target)
        screen.say(f"Resultados, fila por fila: {target}")

    def _write_personas(self, made: Parts) -> None:
        """Who answers: made from the upload itself and the short example, so that they know their own answers; and
        whoever else is dialled."""
        uploads = [(self._file, self._data), (SHORT.name, SHORT.read_bytes())]
        people = [someone for name, data in uploads for someone in self._people_of(made, name, data)]
        known = personas(people, others=telephones_of(made.lines.values()))
        self._people.write_text(f"{known}\n{strangers(_ABROAD)}", "utf-8")

    def _people_of(self, made: Parts, name: str, data: bytes) -> Iterator[Someone]:
        known = [line.known for line in made.campaign_lines]
        today = made.clock.now().date()
        checked = check(data, name, received=today, lines=known, window=lambda country: [])
        for contact in (row.contact for row in checked.rows()):
            if contact is not None and contact.fecha_nacimiento is not None:
                yield Someone(contact.telefonos, f"{contact.fecha_nacimiento:%d%m}", contact.numero_documento[-4:])

    def _account(self, made: Parts) -> str:
        """The demo's own users: the same password each time, since the key it is made of is kept."""
        from demo import team

        password = hmac.digest(made.settings.secret_key.encode(), b"demo", "sha256").hex()[:12]
        with made.db.begin() as tx:
            team.fill(tx, made.clock.now(), password)
        return password

    def _serving(self) -> "_Service":
        return _Service(self._env, self._settings)


class _Service:
    """``pregonero serve`` beside the demo, for as long as the block lasts."""

    def __init__(self, env: Mapping[str, str], settings: Settings) -> None:
        self._env, self._settings = env, settings

    def __enter__(self) -> None:
        log = self._settings.data_dir / "service.log"
        screen.say(f"Poniendo en marcha el servicio (su registro: {log}) …")
        with log.open("ab") as target:
            argv = [sys.executable, "-m", "cli", "serve"]
            self._running = subprocess.Popen(argv, env=dict(self._env), stdout=target, stderr=target)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_error: object) -> None:
        self._running.send_signal(signal.SIGTERM)
        self._running.wait(20)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._running.poll() is not None:
                break
            if answers(f"{self._settings.public_url}/readyz") and answers(
                f"{self._settings.trunks.first.api_url}/local/calls"
            ):
                return
            time.sleep(0.1)
        raise SettingsError(
            f"El servicio no arrancó. ¿Está libre {self._settings.bind}? Vea {self._settings.data_dir}/service.log"
        )


def somebody_to_be(tx: Connection, made: Parts) -> tuple[str, str]:
    """An invented citizen with whom to try the PIN line, and what follows it: without a PIN, with a bill and a
    redemption to be asked about. The document, and the date of birth as it is keyed."""
    for line in PADRON.read_text("utf-8-sig").splitlines()[1:]:
        document, _, born, standing, _, *both = line.split(";")[:7]
        is_one = standing == "ACTIVO" and all(both)
        person = made.world.registry.find(tx, document.replace("-", "")) if is_one else None
        if person is not None and not person.has_pin:
            return document, born.replace("/", "")
    raise AssertionError("two thousand people, and each has a PIN")


def telephones_of(lines: Iterable[Line]) -> set[str]:
    """Whom the lines themselves may ring: duty telephones, emergency services, the switchboard's exchange."""
    found: set[str] = set()
    for line in lines:
        desk = line.desk
        found |= {line.operador, *desk.duty_telephones, *(service.number for service in desk.services)}
        if desk.extensions is not None and desk.extensions.number is not None:
            found.add(desk.extensions.number)
    return found


def _upload(contacts: int | None) -> tuple[str, bytes]:
    """The shipped sample, or a list of so many invented people."""
    if contacts is None:
        return SAMPLE.name, SAMPLE.read_bytes()
    return f"personas_inventadas_{contacts}.csv", formato([citizen(number) for number in range(contacts)])


def _wait() -> None:
    screen.say("Sigue en marcha. Ctrl-C para terminar.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("", err=True)
