"""Several people in a conference: each scene is a sentence of twilio.md §4 and §5."""

import asyncio
import time

import pytest

from tests.carrier.local.meeting import (
    CALLER,
    OPERATOR,
    PEOPLE,
    SERVICE,
    SUPERVISOR,
    Meeting,
    join,
    person,
    play,
)
from tests.carrier.local.stage import BUSY, LINE, NOBODY, REST
from tests.carrier.local.stage import PEOPLE as OTHERS


class TestComingAndGoing:
    def test_it_starts_with_the_second_and_each_thing_is_told_in_its_order(self) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER, participantLabel="caller", endConferenceOnExit="true")
            assert (await on.on.get("/local/conferences"))["conferences"][0]["status"] == "init"
            await on.enters(OPERATOR, participantLabel="operator")
            assert (await on.on.get("/local/conferences"))["conferences"][0]["status"] == "in-progress"
            await on.hangs_up(caller)
            told = await on.told()
            assert [(p["StatusCallbackEvent"], p.get("ParticipantLabel")) for p in told] == [
                ("participant-join", "caller"),
                ("participant-join", "operator"),
                ("conference-start", None),
                ("participant-leave", "caller"),
                ("participant-leave", "operator"),
                ("conference-end", None),
            ]
            assert [int(params["SequenceNumber"]) for params in told] == [1, 2, 3, 4, 5, 6]
            assert [params.get("ReasonParticipantLeft") for params in told[3:5]] == [
                "participant_updated_via_api",
                "moderator_ended_conference",
            ]
            assert told[5]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
            assert (told[5]["CallSidEndingConference"], told[5]["ParticipantLabelEndingConference"]) == (
                caller,
                "caller",
            )
            assert {params["FriendlyName"] for params in told} == {"sala"}
            assert told[0].keys() >= {
                "ConferenceSid",
                "AccountSid",
                "Timestamp",
                "CallSid",
                "Muted",
                "Hold",
                "Coaching",
            }
            assert (told[0]["StartConferenceOnEnter"], told[0]["EndConferenceOnExit"]) == ("true", "true")

        play(scene)

    def test_nobody_who_may_start_it_is_there(self) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER, startConferenceOnEnter="false")
            await on.enters(OPERATOR, startConferenceOnEnter="false")
            on.says(caller, "¿Hola?")
            assert "conference-start" not in await on.events()
            supervisor = await on.enters(SUPERVISOR)
            on.says(caller, "¿Ya?")
            assert await on.heard(supervisor) == [(CALLER, "¿Ya?")]
            assert "conference-start" in await on.events()

        play(scene)

    @pytest.mark.parametrize(
        ("dial", "goes_on_with"),
        [("", "after"), ('action="/post"', "/post")],
        ids=["without an action: the next verb", "with one: asked for, answered"],
    )
    def test_what_follows_for_those_who_are_left(self, dial: str, goes_on_with: str) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/post"] = "<Say>Buen día.</Say>"
            stays = await on.enters(CALLER, dial=dial, after="<Say>Sigue.</Say>")
            await on.enters(OPERATOR, endConferenceOnExit="true")
            moderator = on.network.rooms.find("sala").seats  # type: ignore[union-attr]
            await on.hangs_up(list(moderator)[1])
            ledger = await on.on.ended(stays)
            assert ledger["heard"][-1] == ("Sigue." if goes_on_with == "after" else "Buen día.")
            for params in on.on.application.of("/post"):
                assert params["DialCallStatus"] == "answered"
                assert "DialCallSid" not in params and "DialCallDuration" not in params

        play(scene)

    def test_the_person_hangs_up(self) -> None:
        people = PEOPLE + person("+50370000099", hangs_up_after_s=20)

        async def scene(on: Meeting) -> None:
            await on.enters(CALLER)
            leaver = await on.calls("+50370000099", join())
            await on.over(leaver)
            told = await on.told()
            assert (told[-1]["ReasonParticipantLeft"], told[-1]["ParticipantCallStatus"]) == (
                "participant_hung_up",
                "completed",
            )
            assert (await on.on.rest(leaver))["duration"] == "20"

        play(scene, people)

    def test_the_time_of_its_dial_is_up(self) -> None:
        async def scene(on: Meeting) -> None:
            sid = await on.enters(CALLER, dial='timeLimit="40"', after="<Say>Fin.</Say>")
            await on.enters(OPERATOR, dial='timeLimit="40"')
            ledger = await on.on.ended(sid)
            assert ledger["heard"] == ["Fin."]
            assert (await on.events())[-1] == "conference-end"

        play(scene)

    @pytest.mark.parametrize(
        ("attributes", "code"),
        [
            ({"participantLabel": "ana"}, "16025"),
            ({"maxParticipants": "2"}, "13236"),
            ({"coach": "CA" + "0" * 32}, "13240"),
        ],
        ids=["a label that is taken", "full", "nobody to coach"],
    )
    def test_who_is_not_admitted_goes_on(self, attributes: dict[str, str], code: str) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/post"] = "<Say>No se pudo.</Say>"
            await on.enters(CALLER, participantLabel="ana")
            await on.enters(OPERATOR)
            refused = await on.calls(SERVICE, join(dial='action="/post"', **attributes))
            await on.until(lambda: on.on.application.of("/post"))
            assert on.on.application.of("/post")[0]["DialCallStatus"] == "failed"
            notes = await on.on.get(f"{REST}/Calls/{refused}/Notifications.json")
            assert [note["error_code"] for note in notes["notifications"]] == [code]

        play(scene)

    def test_the_callbacks_are_those_of_the_first(self) -> None:
        async def scene(on: Meeting) -> None:
            await on.enters(CALLER, statusCallbackEvent="join")
            await on.enters(OPERATOR, statusCallback="/other", statusCallbackEvent="start end join leave")
            assert await on.events() == ["participant-join", "participant-join"]
            assert on.on.application.of("/other") == []

        play(scene)


class TestWaiting:
    def test_the_document_repeats_itself_until_the_start(self) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/wait"] = '<Say>Espere.</Say><Pause length="5"/><Redirect>/wait</Redirect>'
            caller = await on.enters(CALLER, waitUrl="/wait")
            await on.until(lambda: len(on.on.application.of("/wait")) > 3)
            await on.enters(OPERATOR, waitUrl="/wait-of-the-second")
            asked = len(on.on.application.of("/wait"))
            await asyncio.sleep(0.3)
            assert len(on.on.application.of("/wait")) <= asked + 1
            assert on.on.application.of("/wait-of-the-second") == []
            assert (await on.on.get(f"/local/calls/{caller}"))["heard"][:2] == ["Espere.", "Espere."]

        play(scene)

    @pytest.mark.parametrize(
        ("url", "document"),
        [("/wait", "<Gather/>"), ("/wait", "<Dial>+50322220000</Dial>"), ("http://127.0.0.1:1/", "")],
        ids=["Gather may not be used", "Dial may not be used", "nobody answers there"],
    )
    def test_one_that_fails_makes_no_conference(self, url: str, document: str) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/wait"] = document
            sid = await on.calls(CALLER, join(waitUrl=url) + "<Say>Otro camino.</Say>")
            assert (await on.on.ended(sid))["heard"] == ["Otro camino."]
            assert (await on.on.get(f"{REST}/Conferences.json"))["conferences"] == []

        play(scene)

    def test_music_or_silence(self) -> None:
        async def scene(on: Meeting) -> None:
            silence = await on.enters(CALLER, waitUrl="")
            document = '<Dial><Conference beep="false">otra</Conference></Dial>'
            music = await on.calls(OPERATOR, document)
            await on.until(lambda: on.is_in(music, "otra"))
            await asyncio.sleep(0.05)
            assert (await on.on.get(f"/local/calls/{silence}"))["heard"] == []
            assert (await on.on.get(f"/local/calls/{music}"))["heard"] == ["Música de espera."]

        play(scene)


class TestInvited:
    def test_whoever_answers_joins_as_was_asked(self) -> None:
        async def scene(on: Meeting) -> None:
            await on.enters(CALLER, participantLabel="caller")
            made = await on.invites(
                SERVICE,
                Label="911",
                EndConferenceOnExit="true",
                StatusCallback=on.on.application.url + "/leg",
                StatusCallbackEvent="initiated ringing answered completed",
            )
            assert (made["status"], made["label"]) == ("queued", "911")
            await on.until(lambda: on.is_in(made["call_sid"]))
            fetched = await on.on.get(f"{REST}/Conferences/sala/Participants/911.json")
            assert (fetched["status"], fetched["end_conference_on_exit"]) == ("connected", True)
            await on.kicks("911")
            await on.until(lambda: len(on.on.application.of("/leg")) == 4)
            told = await on.told()
            assert told[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-kicked"
            statuses = {params["CallStatus"] for params in on.on.application.of("/leg")}
            assert statuses == {"initiated", "ringing", "in-progress", "completed"}

        play(scene)

    @pytest.mark.parametrize(("to", "status"), [(BUSY, "busy"), (NOBODY, "no-answer")])
    def test_whoever_does_not_answer_leaves_the_others_there(self, to: str, status: str) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER)
            made = await on.invites(to, Label="911", Timeout="20")
            await on.until(lambda: (call := on.network.calls.find(made["call_sid"])) and call.is_over)
            told = await on.told()
            assert (told[-1]["ReasonParticipantLeft"], told[-1]["ParticipantCallStatus"]) == (
                "participant_add_failed",
                status,
            )
            assert on.is_in(caller)
            async with on.on.http.get(f"{REST}/Conferences/sala/Participants/911.json") as response:
                assert response.status == 404

        play(scene, OTHERS + person(CALLER))

    def test_the_end_stops_the_ringing(self) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER, endConferenceOnExit="true")
            made = await on.invites(SERVICE)
            await on.hangs_up(caller)
            assert (await on.on.ended(made["call_sid"]))["status"] == "canceled"

        play(scene, PEOPLE.replace("speed = 0", "speed = 0.2"))

    def test_a_name_makes_a_conference_and_a_sid_that_is_over_does_not(self) -> None:
        async def scene(on: Meeting) -> None:
            made = await on.invites(SERVICE, "nueva", ConferenceStatusCallback=on.on.application.url + "/conference")
            await on.until(lambda: on.is_in(made["call_sid"], "nueva"))
            sid = made["conference_sid"]
            await on.on.post(f"{REST}/Conferences/{sid}.json", {"Status": "completed"})
            assert (await on.on.get(f"{REST}/Conferences/{sid}.json"))[
                "reason_conference_ended"
            ] == "conference-ended-via-api"
            assert await on.events() == ["conference-end"]
            status, error = await on.on.post(
                f"{REST}/Conferences/{sid}/Participants.json", {"From": LINE, "To": SERVICE}
            )
            assert (status, error["code"]) == (404, 20404)
            assert (await on.on.get(f"{REST}/Conferences/{sid}/Participants.json"))["participants"] == []

        play(scene)


class TestSentElsewhere:
    def test_out_of_a_conference(self) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/elsewhere"] = "<Say>Otro menú.</Say><Pause length='300'/>"
            caller = await on.enters(CALLER)
            await on.enters(OPERATOR)
            await on.on.post(f"{REST}/Calls/{caller}.json", {"Url": on.on.application.url + "/elsewhere"})
            ledger = await on.over(caller)
            assert ledger["heard"] == ["Otro menú."]
            leave = next(p for p in await on.told() if p["StatusCallbackEvent"] == "participant-leave")
            assert leave["CallSid"] == caller
            assert (leave["ReasonParticipantLeft"], leave["ParticipantCallStatus"]) == (
                "participant_updated_via_api",
                "in-progress",
            )

        play(scene)

    def test_into_another_conference_and_both_sides_of_a_dial(self) -> None:
        """From a plain Dial into a room: first the dialled one, then the caller, as a desk does to make it one."""

        async def scene(on: Meeting) -> None:
            on.on.application.documents["/room"] = join("sala")
            parent = await on.calls(CALLER, f'<Dial action="/room">{OPERATOR}</Dial>')
            await on.until(lambda: on.child_of(parent))
            child = on.child_of(parent)
            assert child is not None
            status, _ = await on.on.post(f"{REST}/Calls/{child}.json", {"Url": on.on.application.url + "/room"})
            assert status == 200
            await on.until(lambda: on.is_in(child) and on.is_in(parent))
            on.says(parent, "¿Sigue ahí?")
            assert await on.heard(child) == [(CALLER, "¿Sigue ahí?")]
            assert on.on.application.of("/room")[-1]["CallSid"] in (parent, child)

        play(scene, "speed = 0.05\n" + person(CALLER, hangs_up_after_s=100) + person(OPERATOR, hangs_up_after_s=100))

    def test_one_who_is_still_rung_cannot_be_sent(self) -> None:
        async def scene(on: Meeting) -> None:
            await on.enters(CALLER)
            made = await on.invites(SERVICE)
            status, error = await on.on.post(f"{REST}/Calls/{made['call_sid']}.json", {"Url": "http://h/x"})
            assert (status, error["code"]) == (400, 21220)

        play(scene, PEOPLE.replace("speed = 0", "speed = 0.2"))


def test_two_scripted_people_do_not_stay_for_ever_and_no_second_passes_at_once() -> None:
    async def scene(on: Meeting) -> None:
        began = time.monotonic()
        sid = await on.enters(CALLER, dial='timeLimit="30"')
        await on.enters(OPERATOR, dial='timeLimit="30"')
        await on.until(lambda: on.network.rooms.find("sala") is None)
        assert time.monotonic() - began > 0.5
        assert int((await on.on.rest(sid))["duration"] or 0) >= 30

    play(scene)


@pytest.mark.parametrize("fault", ["doubled", "late", "lost", "reordered"])
def test_callbacks_misbehave_on_request(fault: str) -> None:
    async def scene(on: Meeting) -> None:
        await on.on.post("/local/faults", json={fault: 1.0 if fault != "reordered" else 0.5, "late_s": 0.1})
        await on.enters(CALLER)
        operator = await on.enters(OPERATOR)
        for _ in range(4):
            await on.changes(operator, Hold="true")
            await on.changes(operator, Hold="false")
        await asyncio.sleep(0.4)
        numbers = [int(params["SequenceNumber"]) for params in on.on.application.of("/conference")]
        match fault:
            case "doubled":
                assert sorted(numbers) == sorted([*range(1, 12)] * 2)
            case "lost":
                assert numbers == []
            case _:
                assert sorted(numbers) == [*range(1, 12)] or fault == "reordered"
                assert numbers != sorted(numbers)

    play(scene)


@pytest.mark.slow(15, timed=True)
def test_two_hundred_calls_in_conferences_and_queues() -> None:
    async def scene(on: Meeting) -> None:
        documents = on.on.application.documents
        documents["/wait"] = '<Say>Espere, por favor.</Say><Pause length="60"/>'
        documents["/queued"] = '<Enqueue waitUrl="/wait">cola</Enqueue>'
        for room in range(40):
            documents[f"/room{room}"] = join(f"sala{room}", waitUrl="/wait")
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.gather(*(on.on.call(CALLER, f"/room{index % 40}") for index in range(160)))
        await asyncio.gather(*(on.on.call(CALLER, "/queued") for _ in range(40)))
        rooms, queues = on.network.rooms, on.network.queues
        await on.until(
            lambda: (
                sum(len(room.present) for room in rooms) == 160 and sum(len(queue.members) for queue in queues) == 40
            )
        )
        assert time.monotonic() - began < 8
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(2)
        assert (time.process_time() - cpu) / (time.monotonic() - began) < 0.5, "waiting costs next to nothing"
        answer = time.monotonic()
        await on.on.get(f"{REST}/Conferences.json")
        assert time.monotonic() - answer < 1

    play(scene, "speed = 0.1\n" + person(CALLER))
