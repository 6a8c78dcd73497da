"""What the worker's jobs need."""

import os
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assembly import Parts, corrections
from campaigns.importing import Importer
from campaigns.intake.reception import Reception
from carrier.messaging import WHATSAPP
from cases.keeping.retention import CaseRetention, Term
from console.people import names_of_people, who_may_see
from core.countries import COUNTRIES
from core.post import GUARDS, Channel
from desk.chats import window
from desk.hours import is_legal_now
from desk.retention import Retention
from desk.voice_messages.fetching import Fetcher
from messages.chat_sending import ChatSender, ChatTexts
from messages.courier import Courier
from messages.former import Former
from messages.letters import FolderCourier, LetterCourier, SmtpCourier
from messages.media import MediaRemover
from messages.post import PostOffice
from messages.texts import GUARDED_EVERY, GUARDED_FOR, PostedTexts, TextCourier
from procedures.linking import Linking
from procedures.orders import OpenOrders
from procedures.reminding import Reminders
from rehearsal.starting import start
from reports.lapsing import Lapses
from reports.making import Maker
from reports.measures import Noting
from reports.retention import Kept
from reports.retention import Retention as CampaignRetention
from reports.scheduled import CallReports
from settings import Settings


def context(made: Parts) -> dict[str, object]:
    """All of it, by the names under which the jobs ask for it."""

    def rehearse(rehearsal_id: int) -> int:
        return start(os.environ, made.settings, made.db, made.trunks.now(), rehearsal_id).wait()

    return {
        "post": post_office(made),
        "chat_sender": chat_sender(made),
        "media_remover": MediaRemover(made.db, made.world.carriers, made.world.desk.lines),
        "former_post": Former(made.db, made.vault),
        "reception": reception(made),
        "importer": importer(made),
        "fetcher": fetcher(made),
        "retention": retention(made),
        "maker": maker(made),
        "call_reports": call_reports(made),
        "noting": Noting(made.db, made.clock, made.standards),
        "lapses": lapses(made),
        "case_retention": CaseRetention(made.db, made.vault, made.clock, terms(made)),
        "campaign_retention": campaign_retention(made),
        "kept": timedelta(days=made.settings.desk_retention_days),
        "corrections": corrections(made),
        "reminders": reminders(made),
        "open_orders": open_orders(made),
        "world": made.world,
        "padron": made.world.padron,
        "database": made.db,
        "parts": made,
        "rehearse": rehearse,
    }


def terms(made: Parts) -> dict[str, Term]:
    """For how long each line keeps its consultations and registers; those that say nothing are not in it."""
    said = {line.id: (line.keeps_cases_days, line.keeps_registers_days) for line in made.world.desk.lines.values()}
    kept = {line: [timedelta(days=each) if each else None for each in days] for line, days in said.items()}
    return {line: Term(*each) for line, each in kept.items() if any(each)}


def chat_sender(made: Parts) -> ChatSender:
    """What sending written conversations needs."""
    texts = ChatTexts(made.vault, made.world.desk.lines, made.settings.public_url)
    return ChatSender(made.db, made.clock, TextCourier(made.world.carriers, texts.text, window.OPEN_FOR))


def reminders(made: Parts) -> Reminders:
    """What watching over tasks needs."""
    desk = made.world.desk
    return Reminders(made.db, made.vault, made.clock, desk, made.settings.public_url, who_may_see(desk.lines))


def open_orders(made: Parts) -> OpenOrders:
    """What following work orders needs. The institution's country is that of its first line, as on every screen."""
    first = next(iter(made.lines.values()))
    linking = Linking(made.db, made.vault, made.clock, made.world.padron, first.country)
    return OpenOrders(linking, made.world.pin_order_term, first.id)


def fetcher(made: Parts) -> Fetcher:
    """What bringing voice messages here needs."""
    return Fetcher(made.db, made.vault, made.clock, made.world.carriers.recordings)


def post_office(made: Parts) -> PostOffice:
    """What sending letters and texts needs: a courier for each channel, and a patient one for the guards."""
    texts, lines = text_courier(made, ""), made.world.desk.lines
    patient = replace(texts, too_late=GUARDED_FOR, tries=None, between=GUARDED_EVERY)
    couriers: dict[str, Courier] = {
        Channel.MAIL: letter_courier(made),
        Channel.SMS: texts,
        Channel.WHATSAPP: text_courier(made, WHATSAPP),
        **dict.fromkeys(GUARDS, patient),
    }

    def is_legal(tx: Connection, line: str, now: datetime) -> bool:
        return line not in lines or is_legal_now(tx, lines[line], now)

    return PostOffice(made.db, made.clock, couriers, is_legal)


def letter_courier(made: Parts) -> LetterCourier:
    """A rehearsal writes to nobody: its letters are files, whatever SMTP_URL says."""
    settings, first = made.settings, next(iter(made.lines.values()))
    server: SmtpCourier | FolderCourier = FolderCourier(settings.data_dir / "correo")
    if settings.smtp_url and settings.clock_start is None:
        server = SmtpCourier(settings.smtp_url)
    return LetterCourier(made.vault, settings.mail_from, first.entidad, server.deliver)


def text_courier(made: Parts, prefix: str) -> TextCourier:
    """``prefix``: what the channel puts before a number."""
    values = {line.id: line.values for line in made.lines.values()}
    texts = PostedTexts(made.vault, made.world.catalogs, values, made.settings.public_url, prefix)
    return TextCourier(made.world.carriers, texts.text)


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
    return Maker(made.db, made.vault, made.clock, made.settings.public_url, first.entidad, zone, names_of_people)


def call_reports(made: Parts) -> CallReports:
    """What the reports of the calls need. Of a line that is for some roles alone they tell nothing."""
    settings, first = made.settings, next(iter(made.lines.values()))
    return CallReports(
        db=made.db,
        clock=made.clock,
        folder=settings.reports_dir,
        recipients=settings.reports_to,
        public_url=settings.public_url,
        zone=COUNTRIES[first.country].zone,
        house=made.house,
        hidden=frozenset(line.id for line in made.lines.values() if line.desk.restricted_roles),
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
