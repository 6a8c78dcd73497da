"""What the dialer's abandons rest on (reports/indicators.py): whoever answers is spoken to in the answer itself."""

from xml.etree import ElementTree

from sqlalchemy import select

from assembly import Parts
from campaigns.states import Progress
from campaigns.tables import attempt
from prompts.speech import with_article
from tests.ivr.test_machine import SID, Answered
from tests.webhooks import Webhooks

_SILENT = {"Pause", "Enqueue", "Dial", "Redirect", "Record"}


def test_the_greeting_is_the_first_thing_of_the_document_and_nothing_is_waited_for(parts: Parts, webhooks: Webhooks):
    """§9 counts who heard nothing within two seconds: there is no pause, no queue and no verdict before our words."""
    answered = Answered(parts, webhooks, "")
    document = ElementTree.fromstring(answered.post("/voice/outbound", CallSid=SID))
    heard = [each for each in document.iter() if each.tag in {"Say", "Play", *_SILENT}]
    assert heard[0].tag in ("Say", "Play")
    entity = with_article(parts.lines["dgs"].entidad)
    assert heard[0].tag == "Play" or entity in "".join(heard[0].itertext())


def test_that_it_began_is_written_down_with_the_answer(parts: Parts, webhooks: Webhooks):
    """Not by a later turn, which who hangs up in the greeting never makes: they count as spoken to."""
    answered = Answered(parts, webhooks, "")
    with parts.db.begin() as tx:
        mine = select(attempt.c.progress).where(attempt.c.id == answered.scene.attempt_id)
        assert tx.execute(mine).scalar_one() == Progress.ANSWERED
