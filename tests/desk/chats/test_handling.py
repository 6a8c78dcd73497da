"""Who has a written conversation: two operators, one conversation, and what each may do with it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from assembly import Parts
from desk import events, presence
from desk.chats import board, chats, files, handling, writing
from desk.chats.personal import MustBeSure
from desk.chats.states import ChatState, MessageState, Paper, Side, Unanswered
from desk.chats.tables import chat_media
from desk.refusal import CannotDo
from desk.states import Presence
from tests.messages.chatting import Chatting, who
from tests.webhooks import Webhooks

ANA, BETO = 1, 2


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    found = Chatting(parts, webhooks)
    found.at_the_desk(ANA, "Ana")
    found.at_the_desk(BETO, "Beto")
    return found


def waits(chatting: Chatting, nth: int = 0) -> int:
    """Somebody waits for a person; the conversation."""
    chatting.writes("5", f"+5037000{nth:04}")
    return chatting.newest().id


def does(chatting: Chatting, what: Callable, chat_id: int, account_id: int, **told: object) -> None:
    with chatting.parts.db.begin() as tx:
        what(tx, chatting.parts.world.desk, chatting.parts.clock.now(), chat_id, **who(account_id), **told)


def state(chatting: Chatting, chat_id: int) -> tuple[ChatState, int | None]:
    with chatting.parts.db.begin() as tx:
        found = chats.one(tx, chatting.parts.world.desk, chat_id)
    assert found is not None
    return found.state, found.account_id


def test_of_two_who_take_it_at_once_one_has_it(chatting: Chatting):
    conversation = waits(chatting)

    def takes(account: int) -> bool:
        try:
            does(chatting, handling.take, conversation, account)
        except CannotDo:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(takes, [ANA, BETO] * 4))
    has_it = state(chatting, conversation)[1]
    assert took == [each == has_it for each in [ANA, BETO] * 4]


def test_nobody_has_more_than_their_share(chatting: Chatting):
    """Two pages of one operator take at the same moment."""
    conversations = [waits(chatting, nth) for nth in range(6)]

    def takes(conversation: int) -> bool:
        try:
            does(chatting, handling.take, conversation, ANA)
        except CannotDo as problem:
            assert "Usted ya atiende 3 conversaciones" in str(problem)
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(takes, conversations)) == 3
    mine = [each for each in conversations if state(chatting, each)[1] == ANA]
    chatting.ends(mine[0])
    left = next(each for each in conversations if state(chatting, each)[1] is None)
    assert takes(left)


def test_only_who_has_it_writes_ends_or_passes_it_on(chatting: Chatting):
    conversation = waits(chatting)
    for what in (
        lambda: chatting.answers(conversation, "Hola", BETO),
        lambda: chatting.ends(conversation, BETO),
        lambda: does(chatting, handling.hand_over, conversation, BETO, to_account=ANA),
        lambda: does(chatting, handling.back_to_queue, conversation, BETO, queue="pin"),
    ):
        with pytest.raises(CannotDo):
            what()
    chatting.takes(conversation)
    with pytest.raises(CannotDo):
        chatting.answers(conversation, "Hola", BETO)
    chatting.answers(conversation, "Hola")
    assert [each.text for each in chatting.said(conversation) if each.side is Side.OPERATOR] == ["Hola"]


def test_a_colleague_gets_it_with_all_that_was_said(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.answers(conversation, "Le paso con mi compañero.")
    does(chatting, handling.hand_over, conversation, ANA, to_account=BETO)
    assert state(chatting, conversation) == (ChatState.TALKING, BETO)
    with pytest.raises(CannotDo):
        chatting.answers(conversation, "¿Sigue ahí?", ANA)
    chatting.answers(conversation, "Buenos días", BETO)
    assert [each.text for each in chatting.said(conversation)][-2:] == ["Le paso con mi compañero.", "Buenos días"]


def test_a_colleague_who_cannot_have_it_does_not_get_it(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    for nth in range(1, 4):
        chatting.takes(waits(chatting, nth), BETO)
    with pytest.raises(CannotDo, match="todas las conversaciones"):
        does(chatting, handling.hand_over, conversation, ANA, to_account=BETO)
    with chatting.parts.db.begin() as tx:
        presence.choose(tx, chatting.parts.clock.now(), BETO, Presence.FUERA)
    for colleague in (BETO, ANA, 99):
        with pytest.raises(CannotDo):
            does(chatting, handling.hand_over, conversation, ANA, to_account=colleague)
    assert state(chatting, conversation) == (ChatState.TALKING, ANA)


def test_a_queue_gets_it_and_asks_for_its_skills(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with pytest.raises(CannotDo):
        does(chatting, handling.back_to_queue, conversation, ANA, queue="nadie")
    does(chatting, handling.back_to_queue, conversation, ANA, queue="pin")
    assert state(chatting, conversation) == (ChatState.WAITING, None)
    with pytest.raises(CannotDo, match="no es de sus colas"):
        chatting.takes(conversation, BETO)
    with chatting.parts.db.begin() as tx:
        presence.set_skills(tx, BETO, ["PIN"])
    chatting.takes(conversation, BETO)


def test_whose_operator_left_waits_again(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.writes("¿hola?", "+50370000000")
    with chatting.parts.db.begin() as tx:
        presence.choose(tx, chatting.parts.clock.now(), ANA, Presence.FUERA)
        assert handling.look_after(tx, chatting.parts.clock.now()) == 0, "they may be back in a moment"
        later = chatting.parts.clock.now() + timedelta(minutes=11)
        assert handling.look_after(tx, later) == 1
    assert state(chatting, conversation) == (ChatState.WAITING, None)


def test_an_operator_who_is_there_keeps_theirs(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with chatting.parts.db.begin() as tx:
        handling.look_after(tx, chatting.parts.clock.now() + timedelta(hours=8))
    assert state(chatting, conversation) == (ChatState.TALKING, ANA)


def looks_after(chatting: Chatting) -> int:
    with chatting.parts.db.begin() as tx:
        return handling.look_after(tx, chatting.parts.clock.now())


def test_one_in_which_nobody_writes_any_more_ends_whatever_its_state(chatting: Chatting):
    talking, waiting = waits(chatting, 1), waits(chatting, 2)
    chatting.takes(talking)
    chatting.answers(talking, "Ya quedó resuelto.")
    chatting.passes(days=15, seconds=-1)
    assert looks_after(chatting) == 0
    chatting.passes(seconds=1)
    assert looks_after(chatting) == 2
    assert [state(chatting, each) for each in (talking, waiting)] == [(ChatState.ENDED, ANA), (ChatState.ENDED, None)]
    assert {chatting.newest().ended_as} == {"silent"}
    assert looks_after(chatting) == 0


def test_whom_an_operator_wrote_to_of_late_may_still_answer(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.passes(days=14)
    told = {"content_sid": "HX00000000000000000000000000000001"}
    does(chatting, writing.write_approved, conversation, ANA, **told)
    chatting.passes(days=14)
    assert looks_after(chatting) == 0
    chatting.passes(days=1)
    assert looks_after(chatting) == 1


def test_pressed_twice_it_is_written_once(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: chatting.answers(conversation, "Un momento.", once="k1"), range(4)))
    chatting.answers(conversation, "Un momento.", once="k2")
    assert len([each for each in chatting.said(conversation) if each.side is Side.OPERATOR]) == 2


@pytest.mark.parametrize("text", ["", "   ", "x" * 1601, "Su PIN es 4819", "El pin: 4 8 1 9"])
def test_what_may_not_be_written_is_not(chatting: Chatting, text: str):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with pytest.raises(CannotDo):
        chatting.answers(conversation, text)
    assert [each for each in chatting.said(conversation) if each.side is Side.OPERATOR] == []


def test_what_may_be_the_persons_own_goes_once_its_writer_is_sure(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with pytest.raises(MustBeSure) as asked:
        chatting.answers(conversation, "El cilindro cuesta $1500")
    assert "un número de 4 cifras (1500)" in asked.value.question and "1500" not in str(asked.value)
    for _ in range(2):
        told = {"text": "El cilindro cuesta $1500", "once": "k", "is_sure": True}
        does(chatting, writing.write, conversation, ANA, **told)
    assert [each.text for each in chatting.said(conversation) if each.side is Side.OPERATOR] == [told["text"]]
    with chatting.parts.db.begin() as tx:
        sure = [each for each in events.story(tx, conversation) if each["kind"] == "chat.was_sure"]
    assert [each["facts"] for each in sure] == [{"seen": 1}]


def test_of_a_pin_nobody_can_be_sure(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with pytest.raises(CannotDo):
        does(chatting, writing.write, conversation, ANA, text="Su PIN es 4819", is_sure=True)
    for text in ("4819", "Su PIN de 4 cifras: 4821", "4821 es el que debe usar en la línea como PIN", "PIN es 4/8/2/1"):
        with pytest.raises(CannotDo):
            does(chatting, writing.write, conversation, ANA, text=text, is_sure=True)


def test_nor_where_it_is_written_in_pieces(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.answers(conversation, "Le voy a dar su PIN")
    with pytest.raises(CannotDo):
        does(chatting, writing.write, conversation, ANA, text="Anote: 48213", is_sure=True)
    for piece in ("Espere", "Un momento", "48"):
        chatting.answers(conversation, piece)
    with pytest.raises(CannotDo):
        does(chatting, writing.write, conversation, ANA, text="21", is_sure=True)


def test_what_the_line_has_ready_is_no_pin(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    with_us = chatting.parts.world.desk.lines["dgs"].chat
    assert with_us is not None
    ready = next(each for each in with_us.canned if "PIN" in each.text)
    chatting.answers(conversation, ready.text)
    does(chatting, writing.write, conversation, ANA, text="El expediente es 48213", is_sure=True)


def test_after_the_window_the_goodbye_is_silent(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.answers(conversation, "Buenos días")
    chatting.passes(hours=25)
    before = len(chatting.said(conversation))
    chatting.ends(conversation)
    assert state(chatting, conversation)[0] is ChatState.ENDED
    assert len(chatting.said(conversation)) == before


def left(chatting: Chatting, account_id: int = BETO, *, oversees: bool = False) -> board.ChatBoard:
    """What there is for an operator at this moment."""
    with chatting.parts.db.begin() as tx:
        desk, operators = chatting.parts.world.desk, {row.account_id: row for row in presence.everyone(tx)}
        found, now = chats.with_people(tx, desk), chatting.parts.clock.now()
    return board.board_of(found, operators, now, account_id, most=3, oversees=oversees)


def test_whom_nobody_answered_in_24_hours_stays_listed_as_owed(chatting: Chatting):
    conversation = waits(chatting)
    before = left(chatting)
    assert ([each.chat.id for each in before.waiting], before.late) == ([conversation], [])
    chatting.passes(hours=24)
    after = left(chatting)
    assert (after.waiting, [each.chat.id for each in after.late]) == ([], [conversation])
    assert after.stamp != before.stamp, "pages that are open show it by themselves"
    chatting.passes(days=13)
    assert [each.chat.id for each in left(chatting).late] == [conversation]
    chatting.writes("¿Hola?", "+50370000000")
    again = left(chatting)
    assert ([each.chat.id for each in again.waiting], again.late) == ([conversation], [])


def test_it_is_ended_by_who_says_why_and_by_nobody_without(chatting: Chatting):
    conversation, why = waits(chatting), Unanswered.NOT_NEEDED
    with pytest.raises(CannotDo, match="ya no está sin respuesta"):
        does(chatting, handling.end_unanswered, conversation, ANA, why=why)
    chatting.takes(conversation)
    chatting.passes(hours=24)
    with pytest.raises(CannotDo, match="se quedó sin respuesta"):
        chatting.ends(conversation)
    with pytest.raises(CannotDo, match="ya no es suya"):
        does(chatting, handling.end_unanswered, conversation, BETO, why=why, oversees=True)
    does(chatting, handling.end_unanswered, conversation, ANA, why=why)
    assert (state(chatting, conversation)[0], chatting.newest().ended_as) == (ChatState.ENDED, "not needed")
    assert left(chatting).late == []


@pytest.mark.parametrize("oversees", [True, False])
def test_while_nobody_has_it_who_oversees_may_end_it(chatting: Chatting, oversees: bool):
    """Or serves its queue: of these two, nobody does."""
    conversation = waits(chatting)
    line = chatting.parts.world.desk.lines["dgs"]
    asks = replace(line.queues["general"], skills=frozenset({"otra cosa"}))
    lines = {**chatting.parts.world.desk.lines, "dgs": replace(line, queues={**line.queues, "general": asks})}
    object.__setattr__(chatting.parts.world.desk, "lines", lines)
    chatting.passes(hours=24)
    assert bool(left(chatting, oversees=oversees).late) is oversees
    told = {"why": Unanswered.CALLED, "oversees": oversees}
    if not oversees:
        with pytest.raises(CannotDo, match="ya no es suya"):
            does(chatting, handling.end_unanswered, conversation, BETO, **told)
        return
    does(chatting, handling.end_unanswered, conversation, BETO, **told)
    assert state(chatting, conversation)[0] is ChatState.ENDED


def test_a_template_is_an_answer_and_then_it_ends_as_any(chatting: Chatting):
    conversation = waits(chatting)
    chatting.passes(hours=24)
    chatting.takes(conversation)
    with_us = chatting.parts.lines["dgs"].desk.chat
    assert with_us is not None
    sid = with_us.approved[0].content_sid
    does(chatting, writing.write_approved, conversation, ANA, content_sid=sid)
    chatting.ends(conversation)
    assert chatting.newest().ended_as == "finished"


def test_what_happened_is_in_its_story_without_a_word_of_anybody(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    does(chatting, handling.hand_over, conversation, ANA, to_account=BETO)
    chatting.ends(conversation, BETO)
    with chatting.parts.db.begin() as tx:
        story = events.story(tx, conversation)
    kinds = [each["kind"] for each in story]
    assert kinds == ["chat.opened", "chat.waits", "chat.taken", "chat.handed_over", "chat.ended"]
    assert "70000000" not in str(story)


def board_for(chatting: Chatting, account_id: int, **more: Any) -> board.ChatBoard:
    desk = chatting.parts.world.desk
    with desk.db.begin() as tx:
        operators = {row.account_id: row for row in presence.everyone(tx)}
    now = chatting.parts.clock.now()
    return board.board_of(board.OpenChats(desk).now(), operators, now, account_id, most=3, **more)


def test_the_board_tells_each_their_own(chatting: Chatting):
    first, second = waits(chatting, 0), waits(chatting, 1)
    chatting.passes(seconds=30)
    chatting.takes(first)
    chatting.answers(first, "Buenos días")
    mine, theirs = board_for(chatting, ANA), board_for(chatting, BETO)
    assert (len(mine.waiting), mine.owed) == (1, 0)
    assert board_for(chatting, ANA, hidden={"dgs"}).waiting == []
    assert [each.chat.id for each in mine.mine] == [first] and [each.chat.id for each in mine.waiting] == [second]
    assert mine.mine[0].seconds is None and mine.waiting[0].seconds == 30
    assert [(each.chat.id, each.who) for each in theirs.others] == [(first, "Ana")]
    chatting.writes("gracias", "+50370000000")
    assert board_for(chatting, ANA).stamp != mine.stamp
    assert mine.waiting[0].chat.phone == "+503 ••••-••01"


def test_papers_are_what_an_operator_saw(chatting: Chatting):
    chatting.writes("(photo)", "+50370000000")
    conversation = waits(chatting)
    chatting.takes(conversation)
    photo = chatting.said(conversation)[0].media[0]
    with chatting.parts.db.begin() as tx:
        now = chatting.parts.clock.now()
        assert chats.papers_of(tx, conversation) == frozenset()
        with pytest.raises(files.NotSeen):
            files.say_what_it_shows(tx, now, conversation, photo.id, Paper.BILL, "ana@ejemplo.gob.sv")
        tx.execute(update(chat_media).values(is_seen=True))
        files.say_what_it_shows(tx, now, conversation, photo.id, Paper.BILL, "ana@ejemplo.gob.sv")
        assert chats.papers_of(tx, conversation) == {Paper.BILL}
        files.say_what_it_shows(tx, now, conversation, photo.id, None, "ana@ejemplo.gob.sv")
        assert chats.papers_of(tx, conversation) == frozenset()
        with pytest.raises(files.NotThere):
            files.say_what_it_shows(tx, now, conversation + 1, photo.id, Paper.DUI, "ana@ejemplo.gob.sv")


def test_a_message_that_waits_says_so(chatting: Chatting):
    conversation = waits(chatting)
    chatting.takes(conversation)
    chatting.answers(conversation, "Buenos días")
    assert chatting.said(conversation)[-1].state is MessageState.QUEUED
