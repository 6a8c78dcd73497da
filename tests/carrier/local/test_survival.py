"""A carrier that is killed forgets nothing."""

import asyncio
import os
import signal
import stat
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from carrier.local.ledger import Ledger
from tests.carrier.local.process import carrier_process
from tests.carrier.local.stage import BUSY, HUMAN, LINE, NOBODY, PEOPLE, REST, Application, applying, stage
from tests.ports import free_port

SLOW_PEOPLE = PEOPLE.replace("speed = 0", "speed = 1").replace("keys", "ring_s = 0\nkeys")


def with_application(scene: Callable[[Application], Awaitable[Any]]) -> Any:
    async def play() -> Any:
        async with applying({"/go": '<Say>Hola.</Say><Pause length="600"/>'}) as application:
            return await scene(application)

    return asyncio.run(play())


def test_live_calls_end_and_are_told_and_finished_ones_stay(tmp_path: Path) -> None:
    personas, ledger, port = tmp_path / "people.toml", tmp_path / "ledger.jsonl", free_port()
    personas.write_text(SLOW_PEOPLE)

    def before_the_kill(app: Application) -> dict[str, str]:
        with carrier_process(port, personas_path=personas, ledger_path=ledger) as carrier:
            sids = {}
            for to in (HUMAN, BUSY, NOBODY):
                fields = {"To": to, "From": LINE, "Url": f"{app.url}/go", "StatusCallback": f"{app.url}/status"}
                sids[to] = str(carrier.post(f"{REST}/Calls.json", fields).json()["sid"])
            carrier.post("/local/clock", {"now": "2030-01-01T00:00:00+00:00"})
            while not carrier.get(f"/local/calls/{sids[HUMAN]}").json()["heard"]:
                time.sleep(0.02)
            os.kill(carrier.process.pid, signal.SIGKILL)
            return sids

    def after_the_kill(app: Application, sids: dict[str, str]) -> tuple[list[dict[str, Any]], list[Any], str]:
        with carrier_process(port, personas_path=personas, ledger_path=ledger) as carrier:
            calls = [carrier.get(f"/local/calls/{sid}").json() for sid in sids.values()]
            listed = [call["sid"] for call in carrier.get(f"{REST}/Calls.json").json()["calls"]]
            for _ in range(200):
                if len(app.of("/status")) >= 3:
                    break
                time.sleep(0.02)
            return calls, listed, carrier.get("/local/clock").json()["now"]

    async def scene(app: Application) -> None:
        sids = await asyncio.to_thread(before_the_kill, app)
        (human, busy, nobody), listed, now = await asyncio.to_thread(after_the_kill, app, sids)
        assert (human["status"], human["ended_by"], human["heard"]) == ("completed", "carrier", ["Hola."])
        assert [request["url"] for request in human["requests"]][0].endswith("/go")
        assert busy["status"] in ("busy", "failed")  # its three seconds of ringing may not have gone by
        assert (nobody["status"], nobody["ended_by"]) == ("failed", "carrier")
        assert set(listed) == set(sids.values())
        assert {params["CallSid"] for params in app.of("/status")} == set(sids.values())
        assert now >= "2030-01-01"

    with_application(scene)


def test_live_conferences_end_and_are_told_and_queues_and_recordings_stay(tmp_path: Path) -> None:
    personas, ledger, port = tmp_path / "people.toml", tmp_path / "ledger.jsonl", free_port()
    personas.write_text(SLOW_PEOPLE)
    settings: dict[str, Any] = {"personas_path": personas, "ledger_path": ledger}

    def before_the_kill(app: Application) -> str:
        with carrier_process(port, **settings) as carrier:
            fields = {"From": LINE, "To": HUMAN, "Label": "ana", "WaitUrl": "", "EndConferenceOnExit": "true"}
            fields |= {"ConferenceStatusCallback": f"{app.url}/conference"}
            fields |= {"ConferenceStatusCallbackEvent": "start end join leave"}
            made = carrier.post(f"{REST}/Conferences/sala/Participants.json", fields).json()
            carrier.post(f"{REST}/Queues.json", {"FriendlyName": "cola", "MaxSize": "9"})
            while carrier.get(f"{REST}/Conferences/sala/Participants/ana.json").json()["status"] != "connected":
                time.sleep(0.02)
            while not app.of("/conference"):
                time.sleep(0.02)
            os.kill(carrier.process.pid, signal.SIGKILL)
            return str(made["conference_sid"])

    def after_the_kill(app: Application, sid: str) -> tuple[dict[str, Any], list[Any], list[Any]]:
        with carrier_process(port, **settings) as carrier:
            for _ in range(200):
                if len(app.of("/conference")) >= 3:
                    break
                time.sleep(0.02)
            conference = carrier.get(f"{REST}/Conferences/{sid}.json").json()
            people = carrier.get(f"{REST}/Conferences/{sid}/Participants.json").json()["participants"]
            return conference, people, carrier.get(f"{REST}/Queues.json").json()["queues"]

    async def scene(app: Application) -> None:
        sid = await asyncio.to_thread(before_the_kill, app)
        conference, people, queues = await asyncio.to_thread(after_the_kill, app, sid)
        assert (conference["status"], conference["reason_conference_ended"]) == ("completed", "last-participant-left")
        assert people == []
        assert [(queue["friendly_name"], queue["max_size"]) for queue in queues] == [("cola", 9)]
        told = sorted(app.of("/conference"), key=lambda params: int(params["SequenceNumber"]))
        assert [params["StatusCallbackEvent"] for params in told] == [
            "participant-join",
            "participant-leave",
            "conference-end",
        ]
        assert [int(params["SequenceNumber"]) for params in told] == [1, 2, 3], "the numbers go on after a kill"

    with_application(scene)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    Ledger(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    first = Ledger(path)
    first.append("call", "CA1", {"a": "ñ"})
    first.close()
    with open(path, "ab") as file:
        file.write(b'{"kind":"call","sid":"CA')
    second = Ledger(path)
    place = second.append("call", "CA3", {})
    assert [entry["sid"] for _, entry in second.entries()] == ["CA1", "CA3"]
    assert second.read(place)["sid"] == "CA3"
    second.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_told_to(tmp_path: Path, sign: signal.Signals) -> None:
    with carrier_process(free_port()) as carrier:
        carrier.process.send_signal(sign)
        assert carrier.process.wait(5) == 0


def test_a_faulty_personas_file_stops_the_start(tmp_path: Path) -> None:
    from carrier.local.config import CarrierConfig
    from carrier.local.personas import FaultyPersonas
    from carrier.local.server import run_carrier

    path = tmp_path / "people.toml"
    path.write_text("speed = 1\nspeed = 2\n")
    with pytest.raises(FaultyPersonas, match="línea 2"):
        run_carrier(CarrierConfig(personas_path=path, bind=f"127.0.0.1:{free_port()}"))


@pytest.mark.parametrize("pace", [1, 60])
def test_the_date_went_on_while_it_was_dead(tmp_path: Path, pace: int) -> None:
    """Who told it the date goes by it, and may not tell it again."""
    path, told_at = tmp_path / "ledger.jsonl", datetime.now(UTC) - timedelta(minutes=10)
    entry = {"now": "2030-01-01T00:00:00+00:00", "pace": pace, "told_at": told_at.isoformat()}
    ledger = Ledger(path)
    ledger.append("clock", "", entry)
    ledger.close()

    async def restored() -> datetime:
        async with stage({}, ledger_path=path) as on:
            return datetime.fromisoformat((await on.get("/local/clock"))["now"])

    late = asyncio.run(restored()) - datetime(2030, 1, 1, tzinfo=UTC) - timedelta(minutes=10) * pace
    assert timedelta() <= late < timedelta(minutes=1) * pace


def test_a_rehearsals_day_may_be_before_today() -> None:
    from carrier.local.clock import CarrierClock

    clock, monday = CarrierClock(), datetime(2020, 11, 23, 16, tzinfo=UTC)
    assert monday <= clock.advance_to(monday) < monday + timedelta(minutes=1)
    assert clock.advance_to(datetime(2020, 11, 20, tzinfo=UTC)) >= monday  # and from then on never back


def test_the_date_never_goes_back() -> None:
    from carrier.local.clock import CarrierClock

    clock = CarrierClock()
    ahead = datetime(2031, 5, 1, tzinfo=UTC)
    assert clock.advance_to(ahead) >= ahead
    assert clock.advance_to(datetime(2027, 1, 1, tzinfo=UTC)) >= ahead


def test_the_date_may_run_faster_than_the_real_one() -> None:
    from carrier.local.clock import CarrierClock

    clock, ahead = CarrierClock(), datetime(2031, 5, 1, tzinfo=UTC)
    clock.advance_to(ahead, 10_000)
    time.sleep(0.01)
    later = clock.now()
    assert (later - ahead).total_seconds() >= 100
    clock.advance_to(ahead, 1)  # no faster any more, and not back
    assert clock.now() >= later
