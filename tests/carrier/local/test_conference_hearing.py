"""In a conference: who hears whom, and the handsets of those who are there (twilio.md §4 and §5)."""

from tests.carrier.local.meeting import (
    CALLER,
    OPERATOR,
    SERVICE,
    SUPERVISOR,
    Meeting,
    person,
    play,
)
from tests.carrier.local.stage import LINE, REST


class TestWhoHearsWhom:
    def test_everybody_else_and_by_what_name(self) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER)
            operator = await on.enters(OPERATOR, participantLabel="operadora")
            service = await on.enters(SERVICE)
            on.says(caller, "Ayuda.")
            on.says(operator, "La escucho.")
            assert await on.heard(caller) == [("operadora", "La escucho.")]
            assert await on.heard(operator) == [(CALLER, "Ayuda.")]
            assert await on.heard(service) == [(CALLER, "Ayuda."), ("operadora", "La escucho.")]
            assert (await on.on.get(f"/local/calls/{caller}"))["spoken"] == ["Ayuda."]

        play(scene)

    def test_listen_whisper_barge(self) -> None:
        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER)
            operator = await on.enters(OPERATOR)
            supervisor = await on.enters(SUPERVISOR, participantLabel="jefa", muted="true")
            on.says(supervisor, "1: nadie me oye")
            await on.changes("jefa", Muted="false", Coaching="true", CallSidToCoach=operator)
            on.says(supervisor, "2: al oído")
            on.says(caller, "3: no lo oí")
            await on.changes("jefa", Coaching="false")
            on.says(supervisor, "4: a todos")
            assert await on.heard(operator) == [("jefa", "2: al oído"), (CALLER, "3: no lo oí"), ("jefa", "4: a todos")]
            assert await on.heard(caller) == [("jefa", "4: a todos")]
            assert await on.heard(supervisor) == [(CALLER, "3: no lo oí")]
            assert [e for e in await on.events() if "mute" in e or "modify" in e] == [
                "participant-unmute",
                "participant-modify",
                "participant-modify",
            ]

        play(scene)

    def test_who_is_held_hears_the_music_and_nobody_and_is_heard_by_nobody(self) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/hold"] = '<Say>Un momento.</Say><Pause length="20"/>'
            caller = await on.enters(CALLER, participantLabel="caller")
            operator = await on.enters(OPERATOR)
            changed = await on.changes("caller", Hold="true", HoldUrl=on.on.application.url + "/hold")
            assert changed["hold"] is True
            await on.until(lambda: len(on.on.application.of("/hold")) > 1)
            assert {w.method for w in on.on.application.received if w.path == "/hold"} == {"GET"}
            on.says(operator, "Consulto su caso.")
            on.says(caller, "¿Hay alguien?")
            await on.changes("caller", Hold="false")
            on.says(operator, "Gracias por esperar.")
            assert await on.heard(caller) == [(OPERATOR, "Gracias por esperar.")]
            assert await on.heard(operator) == []
            assert (await on.on.get(f"/local/calls/{caller}"))["heard"].count("Un momento.") >= 2
            assert [e for e in await on.events() if "hold" in e] == ["participant-hold", "participant-unhold"]

        play(scene)

    def test_people_react_to_what_they_hear(self) -> None:
        people = "speed = 0\n" + person(CALLER, says=[("le escucho", "Necesito ayuda.")])
        people += person(OPERATOR, says=[("necesito ayuda", "¿Dónde está?"), ("nada", "")])

        async def scene(on: Meeting) -> None:
            caller = await on.enters(CALLER)
            operator = await on.enters(OPERATOR)
            on.says(operator, "Le escucho.")
            await on.until(lambda: on.network.calls.find(caller))
            for _ in range(100):
                if len(await on.heard(caller)) >= 2:
                    break
            assert await on.heard(caller) == [(OPERATOR, "Le escucho."), (OPERATOR, "¿Dónde está?")]
            assert await on.heard(operator) == [(CALLER, "Necesito ayuda.")]
            assert (await on.events()).count("participant-speech-start") == 3

        play(scene, people)

    def test_an_announcement_is_for_one_or_for_all_who_are_not_held(self) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents |= {"/one": "<Say>Sólo a usted.</Say>", "/all": "<Say>A todos.</Say>"}
            on.on.application.documents["/bad"] = "<Gather/>"
            caller, operator = await on.enters(CALLER, participantLabel="a"), await on.enters(OPERATOR)
            held = await on.enters(SERVICE)
            await on.changes(held, Hold="true", HoldUrl=on.on.application.url + "/silence")
            await on.changes("a", AnnounceUrl=on.on.application.url + "/one")
            sid = on.network.rooms.find("sala").conference.sid  # type: ignore[union-attr]
            status, _ = await on.on.post(
                f"{REST}/Conferences/{sid}.json", {"AnnounceUrl": on.on.application.url + "/all"}
            )
            assert status == 200
            await on.until(
                lambda: len([p for p in on.on.application.of("/conference") if "end" in p["StatusCallbackEvent"]]) > 1
            )
            assert (await on.on.get(f"/local/calls/{caller}"))["heard"] == ["Sólo a usted.", "A todos."]
            assert (await on.on.get(f"/local/calls/{operator}"))["heard"] == ["A todos."]
            assert (await on.on.get(f"/local/calls/{held}"))["heard"] == []
            assert len(on.on.application.of("/all")) == 1
            await on.changes("a", AnnounceUrl=on.on.application.url + "/bad")
            await on.until(
                lambda: "announcement-fail" in {p["StatusCallbackEvent"] for p in on.on.application.of("/conference")}
            )

        play(scene)


class TestHandsets:
    def test_a_client_is_rung_answers_speaks_and_hears_in_real_time(self) -> None:
        async def scene(on: Meeting) -> None:
            async with on.on.http.ws_connect("/local/phone?number=client:ana") as phone:
                assert await phone.receive_json() == {"event": "ready"}
                caller = await on.enters(CALLER, participantLabel="caller")
                made = await on.invites("client:ana", Label="ana")
                assert await phone.receive_json() == {"event": "ringing", "from": LINE}
                await phone.send_json({"do": "answer"})
                assert (await phone.receive_json())["event"] == "answered"
                await on.until(lambda: on.is_in(made["call_sid"]))
                assert on.network.rooms.find("sala").seats[caller].line.watch.speed == 1.0  # type: ignore[union-attr]
                await phone.send_json({"do": "say", "text": "Buenos días."})
                for _ in range(100):
                    if await on.heard(caller):
                        break
                assert await on.heard(caller) == [("ana", "Buenos días.")]
                on.says(caller, "Hola.")
                assert await phone.receive_json() == {
                    "event": "said",
                    "text": "Hola.",
                    "seconds": 0.33,
                    "from": "caller",
                }
                await phone.send_json({"do": "hangup"})
                assert (await phone.receive_json())["event"] == "ended"
                assert on.network.rooms.find("sala").seats[caller].line.watch.speed < 1  # type: ignore[union-attr]

        play(scene)

    def test_dial_client(self) -> None:
        async def scene(on: Meeting) -> None:
            on.on.application.documents["/post"] = "<Hangup/>"
            async with on.on.http.ws_connect("/local/phone?number=client:ana_2") as phone:
                assert await phone.receive_json() == {"event": "ready"}
                await on.calls(CALLER, '<Dial action="/post"><Client>ana_2</Client></Dial>')
                assert (await phone.receive_json())["event"] == "ringing"
                await phone.send_json({"do": "answer"})
                assert (await phone.receive_json())["event"] == "answered"
                await phone.send_json({"do": "hangup"})
                await on.until(lambda: on.on.application.of("/post"))
            assert on.on.application.of("/post")[0]["DialCallStatus"] == "completed"

        play(scene)
