"""Where real things meet: settings → the parts that every process holds."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from beneficiaries.local import LocalRegistry
from beneficiaries.locks import Limits
from beneficiaries.patience import Patience
from beneficiaries.registry import Registry
from campaigns import holding
from campaigns.campaign_line import CampaignLine
from campaigns.forecast import trial
from campaigns.rules import policy
from campaigns.texting.wording import closing_in
from campaigns.upload.lines_known import LineKnown
from carrier.carriers import Carriers
from cases.catalogue import catalogue
from console.people import names_of_people, who_may_see
from core import postgres
from core.clock import Clock, SystemClock
from core.database import Database
from core.privacy import Vault
from core.rehearsal import RehearsalClock, is_rehearsed
from core.trunks_file import TrunksInUse
from desk.queries import anybody_on_the_line, telephones_among
from desk.world import Desk
from ivr import calls
from ivr.flows import all_flows
from ivr.line import Line, load_lines
from ivr.pins import pins_by_day
from ivr.register import calls_by_day
from ivr.world import World
from procedures.correcting import Corrections
from prompts.catalog import Catalog
from reports import sending
from reports.measures import Standards, Thresholds
from reports.period import House
from settings import Settings

#: Of a web process's threads (core/processes/server.py) the half: the others answer whoever calls an emergency line.
WAIT_FOR_THE_PADRON = 4
#: Seconds that a web process, or the desk's, may say nothing in a transaction: others wait for its rows.
MOST_SILENT_S = 10


@dataclass(frozen=True)
class Parts:
    """Everything real that one process holds."""

    settings: Settings
    db: Database
    vault: Vault
    clock: Clock
    lines: dict[str, Line]
    trunks: TrunksInUse
    world: World

    @property
    def campaign_lines(self) -> list[CampaignLine]:
        return [campaign_line(line, self.world.catalogs[line.id]) for line in self.lines.values()]

    @property
    def house(self) -> House:
        """What the reports of a period need of the installation."""
        lines = self.lines.values()
        return House(
            vault=self.vault,
            institution=next(iter(lines)).entidad,
            names={line.id: line.entidad for line in lines},
            standards=self.standards,
            register=calls_by_day,
            pins=pins_by_day,
            people=names_of_people,
        )

    def standards(self) -> Standards:
        """What the reports measure by, as the settings say now."""
        settings = self.settings
        return Standards(
            targets={line.id: line.desk.daily_target for line in self.lines.values()},
            limits=Thresholds(settings.service_level_seconds, settings.short_abandon_seconds),
            text_tariffs=self.trunks.now().text_tariffs,
        )

    def why_not_closed(self, tx: Connection, campaign_id: int) -> str:
        """Of a campaign that is finished: for rooms that do not know of reports."""
        return sending.why_not_closed(tx, campaign_id)


def parts(settings: Settings, *, pool_size: int = 8, joins_rehearsal: bool = False) -> Parts:
    """Makes them. ``joins_rehearsal``: in the time of the rehearsal that the database keeps, if it keeps one, though
    the settings name none: beside a demo, say, and never with a real carrier.

    Raises FaultyLine, CatalogFault, PostgresError.
    """
    heal = None if settings.database_url else partial(postgres.revive, settings.data_dir)
    db = Database(postgres.address(settings), pool_size, heal)
    vault = Vault(settings.data_key)
    clock: Clock = SystemClock()
    if settings.clock_start:
        clock = RehearsalClock(db, settings.clock_start, settings.clock_speed)
    elif joins_rehearsal and settings.is_local_carrier and is_rehearsed(db):
        clock = RehearsalClock(db, clock.now())
    return assemble(settings, db, vault, clock)


def assemble(settings: Settings, db: Database, vault: Vault, clock: Clock) -> Parts:
    """The parts around a database and a clock that are there already. Raises FaultyRules, FaultyCatalogue too."""
    policy.use(settings.rules_file)
    catalogue.use(catalogue.read(settings.lines_dir / "consultas" if settings.lines_dir else None))
    lines = load_lines(settings.lines_dir)
    folders = sentence_folders(settings)
    trunks = TrunksInUse(
        settings.trunks,
        settings.trunks_file,
        settings.read_trunks,
        kept=settings.kept_trunks,
        fault=settings.trunks_fault,
    )
    carriers = Carriers(trunks)
    catalogs = {line_id: Catalog.load(line_id, folders) for line_id in lines}
    desk_lines = {line_id: line.desk for line_id, line in lines.items()}
    catalogue.check_written(line_id for line_id, line in desk_lines.items() if line.chat is not None)
    world = World(
        db=db,
        vault=vault,
        clock=clock,
        registry=_registry(settings, db, vault, clock),
        patience=Patience(WAIT_FOR_THE_PADRON),
        carriers=carriers,
        lines=lines,
        catalogs=catalogs,
        flows=all_flows(lines),
        limits=_limits(settings),
        pin_digits=settings.pin_digits,
        pin_order_term=timedelta(days=settings.pin_order_days),
        tries=settings.tries_a_question,
        public_url=settings.public_url,
        desk=Desk(
            db,
            vault,
            clock,
            carriers,
            desk_lines,
            catalogs,
            settings.public_url,
            settings.chats_at_once,
            settings.pin_digits,
        ),
    )
    return Parts(settings, db, vault, clock, lines, trunks, world)


def sentence_folders(settings: Settings) -> list[Path]:
    """Where an institution keeps its own sentences and recordings: ``prompts/`` inside LINES_DIR."""
    return [settings.lines_dir / "prompts"] if settings.lines_dir else []


def campaign_line(line: Line, catalog: Catalog | None = None) -> CampaignLine:
    """What campaigns may know of a line, with what it says in its own way (``catalog``)."""
    text_closing = closing_in(catalog, line.country) if catalog else ""
    known = LineKnown(line.id, line.country, line.entidad, frozenset({*line.numbers, *line.caller_ids}), text_closing)
    shown = (line.numbers[0], *line.caller_ids) if line.caller_ids else ()
    return CampaignLine(known, line.numbers[0], line.closing, line.privacy, shown)


def restored(settings: Settings, url: str, file: Path, actor: str) -> tuple[str, int]:
    """Restores a copy into the database of ``url``; when it was made, and how many campaigns wait for somebody to
    resume them. Raises CannotRestore."""
    from core.backup import restore  # alembic with it: no process of the service needs it

    stopped: dict[int, str] = {}
    head = restore(url, Vault(settings.data_key), file, lambda tx: stopped.update(holding.stop_all(tx)))
    db = Database(url, pool_size=1)
    try:
        with db.begin() as tx:
            now = SystemClock().now()
            reason = f"Se restauró la copia del {head.made_at}: a quien se llamó después no se le recuerda."
            return head.made_at, holding.write_down(tx, now, actor, reason, stopped)
    finally:
        db.close()


def corrections(made: Parts) -> Corrections:
    """What correcting the padrón needs, and telling of it."""
    return Corrections(
        db=made.db,
        vault=made.vault,
        clock=made.clock,
        padron=made.world.padron,
        lines={line.known.id: line for line in made.campaign_lines},
        catalogs=made.world.catalogs,
        values={line_id: line.values for line_id, line in made.lines.items()},
        public_url=made.settings.public_url,
        people=who_may_see(made.world.desk.lines),
    )


def is_anybody_on_the_line(tx: Connection) -> bool:
    """Whether a citizen talks or waits, or somebody of the desk is rung: what a rehearsal's clock waits for."""
    return calls.any_inbound(tx) or anybody_on_the_line(tx)


def calls_of_others(tx: Connection, sids: list[str]) -> set[str]:
    """Of these calls of the carrier's, those that the desk asked for, and those of somebody who tries a campaign."""
    return telephones_among(tx, sids) | trial.tests_among(tx, sids)


def _registry(settings: Settings, db: Database, vault: Vault, clock: Clock) -> Registry:
    if settings.registry_url and settings.registry_token:
        from beneficiaries.remote import RemoteRegistry  # requests with it

        return RemoteRegistry(db, vault, clock, settings.registry_url, settings.registry_token)
    return LocalRegistry(vault, clock)


def _limits(settings: Settings) -> Limits:
    lock = timedelta(hours=settings.lock_hours)
    return Limits(settings.locks_per_document, settings.locks_per_caller, lock)
