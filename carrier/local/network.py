"""What the whole network shares: its calls, its numbers, its people, and the dates."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from carrier.local.call import FINAL_SIP, Call, Live, Plan, Status
from carrier.local.call_book import CallBook
from carrier.local.callbacks import Callbacks
from carrier.local.chats.book import KIND as CHAT_INBOUND
from carrier.local.chats.book import MEDIA_DELETED, ChatBook
from carrier.local.clock import CarrierClock
from carrier.local.conferences.book import KINDS as CONFERENCE_KINDS
from carrier.local.conferences.book import ConferenceBook
from carrier.local.conferences.room import House
from carrier.local.conferences.rooms import Rooms
from carrier.local.conferences.telling import Telling
from carrier.local.config import CarrierConfig
from carrier.local.deliveries import Deliveries
from carrier.local.events import Event, Fetched, Pressed, Problem, Said, Spoke
from carrier.local.faults import Faults, Misfortune
from carrier.local.handset import Handset
from carrier.local.ledger import Entry, Ledger
from carrier.local.message_book import MessageBook
from carrier.local.number_book import NumberBook
from carrier.local.pace import Pace
from carrier.local.personas import NOBODY, Person, Personas
from carrier.local.queues.book import KINDS as QUEUE_KINDS
from carrier.local.queues.book import QueueBook
from carrier.local.recordings.book import KINDS as RECORDING_KINDS
from carrier.local.recordings.book import RecordingBook
from carrier.local.sids import new_sid
from carrier.local.stopwatch import Stopwatch
from carrier.local.web_client import WebClient

logger = logging.getLogger(__name__)


class Network:
    """Made inside the running loop. ``restore`` reads the ledger back before anything else happens."""

    def __init__(self, config: CarrierConfig, personas: Personas) -> None:
        self.config = config
        self.personas = personas
        self.clock = CarrierClock()
        self.ledger = Ledger(config.ledger_path)
        self.calls = CallBook(self.ledger)
        self.numbers = NumberBook(self.ledger)
        self.messages = MessageBook(self.ledger)
        self.chats = ChatBook(self.ledger)
        self.handsets: dict[str, Handset] = {}
        self.misfortune = Misfortune(config.faults, self._note_fault)
        self.pace = Pace(config.calls_per_second)
        self.web = WebClient(config.auth_token)
        self.deliveries = Deliveries(self.web, self.spawn, lambda: self.misfortune)
        self.callbacks = Callbacks(self.deliveries, self.note)
        self.conferences = ConferenceBook(self.ledger)
        telling = Telling(self.deliveries, self.conferences)
        self.rooms = Rooms(House(self.conferences, telling, self.clock.now, self.note), config.account_sid)
        self.queues = QueueBook(self.ledger, self.clock.now)
        self.recordings = RecordingBook(self.ledger)
        self.is_closing = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Runs beside everything else until it is done. Its failure is logged, without what it was about."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            frames = error.__traceback__
            while frames and frames.tb_next:
                frames = frames.tb_next
            where = f"{frames.tb_frame.f_code.co_qualname}:{frames.tb_lineno}" if frames else "?"
            logger.error("A task of the network failed: %s at %s", type(error).__name__, where)

    async def close(self) -> None:
        """Stops everything at once; live calls are ended by the next start."""
        self.is_closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.web.close()
        self.ledger.close()

    # Calls

    def new_call(
        self,
        *,
        from_: str,
        to: str,
        direction: str,
        plan: Plan,
        watch: Stopwatch | None = None,
        parent: Call | None = None,
        phone_number_sid: str | None = None,
        queue_ms: int = 0,
    ) -> Call:
        """A call that is live from now on. A Dial's leg shares the watch of its parent."""
        watch = watch or Stopwatch(self.personas.speed)
        call = Call(
            sid=new_sid("CA"),
            account_sid=self.config.account_sid,
            from_=from_,
            to=to,
            direction=direction,
            created_at=parent.moment() if parent else self.clock.now(),
            parent_sid=parent.sid if parent else None,
            phone_number_sid=phone_number_sid,
            queue_ms=queue_ms,
            plan=plan,
            live=Live(watch, asyncio.get_running_loop().create_future(), since=watch.elapsed),
        )
        self.calls.open(call)
        return call

    def who_answers(self, number: str) -> Handset | Person:
        """A handset attached to the number, else its persona, else nobody."""
        return self.handsets.get(number) or self.personas.find(number) or NOBODY

    def step(self, call: Call, event: str, **facts: Any) -> None:
        """A call gets on: its state changes, and whoever asked to hear of the event hears of it."""
        for name, value in facts.items():
            setattr(call, name, value)
        self.callbacks.progress(call, event)
        self.calls.change(call, sequence=call.sequence, **facts)

    def finish(self, call: Call, status: str, by: str, *, is_silent: bool = False) -> None:
        """Ends a call, once. ``is_silent``: canceled while queued, of which nobody is told (twilio.md §2.2)."""
        if call.is_over or self.is_closing:
            return
        moment = call.moment()
        facts: dict[str, Any] = {"status": str(status), "ended_by": by, "ended_at": moment}
        facts["sip_code"] = FINAL_SIP[Status(status)]
        if call.live and call.answered_second is not None:
            facts["duration"] = round(call.live.watch.elapsed - call.answered_second)
        if is_silent:
            self.calls.change(call, **facts)
        else:
            self.step(call, "completed", **facts)
        number = self.numbers.find(call.phone_number_sid) if call.direction == "inbound" else None
        if number is not None and number.status_callback:
            self.callbacks.inbound_end(call, number.status_callback, number.status_callback_method)
        self.rooms.gone(call)
        call.live = call.plan = None

    def note(self, call: Call, event: Event, moment: datetime | None = None) -> None:
        """Keeps what the ledger keeps of an event: requests, what was heard, keys, problems. ``moment``: its date."""

        def at() -> str:
            return (moment or call.moment()).isoformat(timespec="milliseconds")

        match event:
            case Fetched(_, method, url, params, status, ms, body):
                facts = {"method": method, "url": url, "params": params, "status": status, "ms": ms, "body": body}
                self.calls.note(call, "request", {"at": at(), **facts})
            case Said(_, text, _, from_):
                self.calls.note(call, "heard", {"text": text} | ({"from": from_} if from_ else {}))
            case Spoke(_, text):
                self.calls.note(call, "spoken", {"at": at(), "text": text})
            case Pressed(_, digits):
                self.calls.note(call, "keys", {"at": at(), "digits": digits})
            case Problem(_, code, message, url, is_warning):
                facts = {"code": code, "message": message, "url": url, "is_warning": is_warning}
                self.calls.note(call, "problem", {"at": at(), **facts})
            case _:
                pass

    def misbehave(self, faults: Faults) -> None:
        """From now on, as these say. Each that happens is kept in the file: whoever reads it can count them."""
        self.misfortune = Misfortune(faults, self._note_fault)

    def _note_fault(self, name: str) -> None:
        self.ledger.append("fault", "", {"name": name, "at": self.clock.now().isoformat()})

    # The past

    def restore(self) -> None:
        """Reads the ledger back, and ends what was live when the carrier was killed."""
        books = {
            **dict.fromkeys(("number", "number_deleted"), self.numbers.restore),
            **dict.fromkeys(("message", "message_deleted"), self.messages.restore),
            CHAT_INBOUND: self.chats.restore,
            MEDIA_DELETED: self.chats.restore,
            **dict.fromkeys(QUEUE_KINDS, self.queues.restore),
            **dict.fromkeys(RECORDING_KINDS, self.recordings.restore),
        }
        for place, entry in self.ledger.entries():
            match entry["kind"]:
                case kind if kind in books:
                    books[kind](entry)
                case kind if kind in CONFERENCE_KINDS:
                    self.conferences.restore(place, entry)
                case "clock":
                    self._restore_clock(entry)
                case _:
                    self.calls.restore(place, entry)
        for call in self.calls.newest_first():
            if not call.is_over:
                self.finish(call, Status.FAILED if call.answered_second is None else Status.COMPLETED, "carrier")
            call.plan = None
        self.rooms.end_abandoned()

    def set_clock(self, moment: datetime, pace: float = 1.0) -> datetime:
        """The rehearsal's date; never goes back, not at a restart either. ``pace``: its seconds for each real one."""
        now = self.clock.advance_to(moment, pace)
        told = {"now": now.isoformat(), "pace": pace, "told_at": datetime.now(UTC).isoformat()}
        self.ledger.append("clock", "", told)
        return now

    def _restore_clock(self, entry: Entry) -> None:
        """As late as it is by now: who told us the date may not tell it again, and goes by it all the same."""
        moment, pace = datetime.fromisoformat(entry["now"]), entry.get("pace", 1.0)
        if told_at := entry.get("told_at"):
            since = datetime.now(UTC) - datetime.fromisoformat(told_at)
            moment += max(since, timedelta()) * pace
        self.clock.advance_to(moment, pace)
