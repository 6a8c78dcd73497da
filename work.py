"""What the worker's jobs need."""

import os
from datetime import timedelta

from assembly import Parts
from campaigns.importing import Importer
from campaigns.intake.reception import Reception
from campaigns.rules.hours import COUNTRIES
from desk.messages.fetching import Fetcher
from desk.retention import Retention
from ivr.register import calls_by_day
from messages.post import FolderCourier, Post, SmtpCourier
from messages.sms import Sender
from rehearsal.starting import start
from reports.lapsing import Lapses
from reports.making import Maker
from reports.retention import Kept
from reports.retention import Retention as CampaignRetention
from reports.scheduled import CallReports
from settings import Settings


def context(made: Parts) -> dict[str, object]:
    """All of it, by the names under which the jobs ask for it."""

    def rehearse(rehearsal_id: int) -> int:
        return start(os.environ, made.settings, made.db, made.trunks.now(), rehearsal_id).wait()

    return {
        "sender": sender(made),
        "post": post_office(made),
        "reception": reception(made),
        "importer": importer(made),
        "fetcher": fetcher(made),
        "retention": retention(made),
        "maker": maker(made),
        "call_reports": call_reports(made),
        "lapses": lapses(made),
        "campaign_retention": campaign_retention(made),
        "kept": timedelta(days=made.settings.desk_retention_days),
        "world": made.world,
        "database": made.db,
        "parts": made,
        "rehearse": rehearse,
    }


def sender(made: Parts) -> Sender:
    """What the worker's texts need."""
    values = {line.id: line.values for line in made.lines.values()}
    return Sender(made.db, made.vault, made.clock, made.world.carriers, made.world.catalogs, values)


def fetcher(made: Parts) -> Fetcher:
    """What bringing voice messages here needs."""
    return Fetcher(made.db, made.vault, made.clock, made.world.carriers.recordings)


def post_office(made: Parts) -> Post:
    """What sending letters needs. A rehearsal writes to nobody: its letters are files, whatever SMTP_URL says."""
    settings, first = made.settings, next(iter(made.lines.values()))
    courier: SmtpCourier | FolderCourier = FolderCourier(settings.data_dir / "correo")
    if settings.smtp_url and settings.clock_start is None:
        courier = SmtpCourier(settings.smtp_url)
    return Post(made.db, made.vault, made.clock, settings.mail_from, first.entidad, courier.deliver)


def reception(made: Parts) -> Reception:
    """What following requests needs."""
    settings, first = made.settings, next(iter(made.lines.values()))
    zone = COUNTRIES[first.country].zone
    days = settings.days_to_correct
    return Reception(made.db, made.vault, made.clock, settings.public_url, first.entidad, zone, days)


def importer(made: Parts) -> Importer:
    """What importing uploads needs."""
    return Importer(made.db, made.vault, made.clock, made.campaign_lines)


def retention(made: Parts) -> Retention:
    """What erasing the desk's old calls needs."""
    return Retention(made.db, made.clock, timedelta(days=made.settings.desk_retention_days))


def maker(made: Parts) -> Maker:
    """What making the reports of campaigns needs."""
    first = next(iter(made.lines.values()))
    zone = COUNTRIES[first.country].zone
    return Maker(made.db, made.vault, made.clock, made.settings.public_url, first.entidad, zone)


def call_reports(made: Parts) -> CallReports:
    """What the reports of the calls need. Of a line that is for some roles alone they tell nothing."""
    settings, first = made.settings, next(iter(made.lines.values()))
    return CallReports(
        db=made.db,
        vault=made.vault,
        clock=made.clock,
        folder=settings.reports_dir,
        recipients=settings.reports_to,
        public_url=settings.public_url,
        institution=first.entidad,
        zone=COUNTRIES[first.country].zone,
        names={line.id: line.entidad for line in made.lines.values()},
        hidden=frozenset(line.id for line in made.lines.values() if line.desk.restricted_roles),
        register=calls_by_day,
    )


def campaign_retention(made: Parts) -> CampaignRetention:
    """What erasing who was called needs."""
    return CampaignRetention(made.db, made.vault, made.clock, _kept(made.settings))


def lapses(made: Parts) -> Lapses:
    """What ending the lists that nobody closed needs."""
    settings, first = made.settings, next(iter(made.lines.values()))
    return Lapses(made.db, made.vault, made.clock, _kept(settings), settings.public_url, first.entidad)


def _kept(settings: Settings) -> Kept:
    days = (settings.people_retention_days, settings.upload_retention_days, settings.report_retention_days)
    return Kept(*(timedelta(days=each) for each in days))
