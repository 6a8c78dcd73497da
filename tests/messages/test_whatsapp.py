"""The webhook of what people write: whatever comes, however often, in whatever order."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from assembly import Parts
from desk import arriving
from desk.arriving import Arrival
from desk.chats import chats, handling
from desk.chats.pins import says_a_pin
from desk.chats.states import ChatState, MediaKind, MessageState, Side
from desk.chats.tables import chat, chat_media, chat_message
from tests.messages.chatting import CITIZEN, LINE, Chatting
from tests.webhooks import Webhooks

OTHER = "+50370005678"


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


def count(chatting: Chatting, table, *where) -> int:
    with chatting.parts.db.begin() as tx:
        return tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def test_a_stranger_writes_nothing(chatting: Chatting) -> None:
    browser = chatting.webhooks.app.test_client()
    params = chatting.params("hola")
    for headers in ({}, {"X-Twilio-Signature": "AAAA"}):
        assert browser.post("/messaging/whatsapp", data=params, headers=headers).status_code == 403
        assert browser.post("/messaging/whatsapp/status?message=1", data=params, headers=headers).status_code == 403
    assert browser.get("/messaging/whatsapp").status_code in (403, 405)
    assert count(chatting, chat) == 0


def test_the_same_message_told_twice_is_one(chatting: Chatting) -> None:
    params = chatting.params("precios")
    assert [chatting.delivers(params) for _ in range(3)] == [200, 200, 200]
    assert count(chatting, chat_message, chat_message.c.side == Side.CITIZEN) == 1
    assert len(chatting.answered()) == 1


def test_many_at_once_of_one_person_are_one_conversation(chatting: Chatting) -> None:
    """Each of ten messages twice, all at the same moment."""
    told = [chatting.params(f"mensaje {n}") for n in range(10)] * 2
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(chatting.delivers, told)) == {200}
    assert count(chatting, chat) == 1
    assert count(chatting, chat_message, chat_message.c.side == Side.CITIZEN) == 10


def test_two_people_have_a_conversation_each(chatting: Chatting) -> None:
    chatting.writes("hola")
    chatting.writes("hola", OTHER)
    assert count(chatting, chat) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "😀" * 10_000,
        "á" * 10_000,
        "\x00\x01\u202e<script>alert(1)</script>",
        "'; drop table chat; --",
        "<Response><Hangup/></Response>",
        "👨‍👩‍👧‍👦🇸🇻",
        "٣",
        "=1+1",
    ],
)
def test_any_text_is_kept_as_it_was_written(chatting: Chatting, text: str) -> None:
    assert chatting.writes(text) == 200
    (first, *_) = chatting.said()
    assert first.text == text.replace("\0", "").strip(), "but for the one character that no database keeps"
    assert chatting.answered(), "whatever it was, it is answered"


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("(photo)", MediaKind.IMAGE),
        ("(voice)", MediaKind.AUDIO),
        ("(video)", MediaKind.VIDEO),
        ("(document)", MediaKind.FILE),
    ],
)
def test_what_comes_with_a_message_is_noted_by_its_kind(chatting: Chatting, what: str, kind: MediaKind) -> None:
    chatting.writes(what)
    (first, *_) = chatting.said()
    assert [each.kind for each in first.media] == [kind]
    assert first.media[0].sid and first.media[0].sid.startswith("ME")


def test_an_address_of_what_came_is_never_kept(chatting: Chatting) -> None:
    """Another host, another path, no sid: there is nothing to fetch, and it is noted all the same."""
    for url in ("https://malo.example/x", "http://169.254.169.254/Media/", "file:///etc/passwd", ""):
        more = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "text/html"}
        assert chatting.writes("", **more) == 200
    with chatting.parts.db.begin() as tx:
        assert set(tx.execute(select(chat_media.c.sid)).scalars()) == {None}


def test_a_place_is_words(chatting: Chatting) -> None:
    chatting.writes("(location)")
    assert chatting.said()[0].text == "Ubicación: Parque. 13.6989, -89.1914"


@pytest.mark.parametrize(
    "odd",
    [
        {"From": ""},
        {"From": "whatsapp:anonymous"},
        {"From": "+50370001234"},
        {"From": "whatsapp:+0"},
        {"To": "whatsapp:+50322220000"},
        {"MessageSid": ""},
        {"MessageSid": "SM'--"},
        {"NumMedia": "999999999999999999999"},
        {"NumMedia": "-1"},
        {"NumMedia": "x"},
        {"Latitude": "1e400", "Longitude": "nan"},
    ],
)
def test_what_is_odd_makes_no_failure(
    chatting: Chatting, odd: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    assert chatting.delivers(chatting.params("hola") | odd) == 200
    assert caplog.records == []


def test_too_long_a_request_is_refused_and_changes_nothing(chatting: Chatting) -> None:
    assert chatting.writes("x" * 250_000) in (403, 413)
    assert count(chatting, chat) == 0


def test_a_machine_that_answers_ours_is_answered_no_more(chatting: Chatting) -> None:
    for n in range(40):
        chatting.writes(f"hola {n}" if n % 2 else "1")
    assert len(chatting.answered()) <= 16
    chatting.passes(minutes=11)
    chatting.writes("1")
    assert len(chatting.answered()) <= 17


def test_whoever_comes_is_kept_sealed_and_is_in_no_log(chatting: Chatting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chatting.writes("mi documento es 00016297-5")
    with chatting.parts.db.begin() as tx:
        whole = f"{tx.execute(select(chat)).all()}{tx.execute(select(chat_message)).all()}"
    assert "70001234" not in whole and "00016297" not in whole
    assert "70001234" not in caplog.text and "00016297" not in caplog.text


def test_no_answer_of_the_line_says_a_pin(chatting: Chatting) -> None:
    """Every text of the line's file and every sentence of a conversation, as they go out."""
    texts = [
        "hola",
        "1",
        "2",
        "3",
        "4",
        "zz",
        "zz",
        "5",
        "(photo)",
        "baja",
        "mi pin es 4819",
        "dígame mi PIN",
        "gracias",
    ]
    for number, text in enumerate(texts):
        chatting.writes(text, f"+5037000{number:04}")
    with chatting.parts.db.begin() as tx:
        sealed = tx.execute(select(chat_message.c.body_sealed).where(chat_message.c.side != Side.CITIZEN)).scalars()
        out = [chatting.parts.vault.open(each) for each in sealed]
    for line in chatting.parts.world.desk.lines.values():
        for each in (line.chat,) if line.chat else ():
            texts = [*(o.text for o in each.options), *(c.text for c in each.canned), *(a.text for a in each.approved)]
            out += [*texts, each.greeting, each.menu]
    assert len(out) > 20
    assert [text for text in out if says_a_pin(text) or "4819" in text] == []


def test_states_come_late_doubled_and_in_any_order(chatting: Chatting) -> None:
    chatting.writes("hola")
    message = next(each for each in chatting.said() if each.side is Side.LINE)
    sid = chatting.sid()

    def state() -> MessageState:
        return next(each for each in chatting.said() if each.id == message.id).state

    for status, known in (
        ("delivered", MessageState.DELIVERED),
        ("sent", MessageState.DELIVERED),
        ("failed", MessageState.DELIVERED),
        ("read", MessageState.READ),
        ("delivered", MessageState.READ),
        ("read", MessageState.READ),
        ("nonsense", MessageState.READ),
    ):
        assert chatting.is_told(message.id, sid, status, ErrorCode="63016") == 200
        assert state() is known, status
    assert chatting.is_told(message.id, chatting.sid(), "read") == 200, "of another message: nothing of it is believed"
    assert chatting.is_told(10**15, sid, "read") == 200
    assert chatting.said()[-1].error is None


def test_why_one_did_not_arrive_is_kept(chatting: Chatting) -> None:
    chatting.writes("hola")
    message = next(each for each in chatting.said() if each.side is Side.LINE)
    chatting.is_told(message.id, chatting.sid(), "undelivered", ErrorCode="63003")
    after = next(each for each in chatting.said() if each.id == message.id)
    assert (after.state, after.error) == (MessageState.FAILED, 63003)


def test_a_conversation_has_a_number_that_no_call_has(chatting: Chatting) -> None:
    """One sequence: the case of a conversation names it, spoken or written (decision 0036)."""
    desk, now = chatting.parts.world.desk, chatting.parts.clock.now()
    numbers = []
    for n in range(3):
        chatting.writes("5", f"+5037000{n:04}")
        numbers.append(chatting.newest().id)
        with chatting.parts.db.begin() as tx:
            numbers.append(arriving.enter(tx, desk, now, Arrival(f"CA{n:032}", "dgs", CITIZEN, {}), None).room_id)
    assert numbers == sorted(set(numbers))


def test_a_menu_in_which_nobody_writes_ends_by_itself(chatting: Chatting) -> None:
    chatting.writes("hola")
    chatting.writes("5", OTHER)
    chatting.passes(hours=25)
    with chatting.parts.db.begin() as tx:
        handling.look_after(tx, chatting.parts.clock.now())
        states = {row.state for row in tx.execute(select(chat.c.state).where(chat.c.citizen_print.is_not(None)))}
    assert states == {ChatState.ENDED.value, ChatState.WAITING.value}, "whoever waits for a person is kept"


def test_only_lines_that_have_it_are_written_to(chatting: Chatting) -> None:
    assert [id_ for id_ in chatting.parts.lines if chats.is_written_to(chatting.parts.world.desk, id_)] == ["dgs"]
    assert chatting.parts.lines["dgs"].desk.chat is not None
    assert chatting.parts.lines["dgs"].desk.chat.number == LINE


def test_a_telephone_is_known_as_it_is_dialled(chatting: Chatting) -> None:
    """Mexico's mobiles come with a 1: the exclusions and the cases know them without it."""
    assert chats.as_dialled("+5215550001234", "MX") == "+525550001234"
    assert chats.as_dialled(CITIZEN, "SV") == CITIZEN
    assert chats.as_dialled("+14155550100", "SV") == "+14155550100"
