"""What goes of consultations that no longer say whose they were: the person asked for it, or their term is over.

That there was one, of what, when, and who attended, stays for whoever counts them.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, update

from cases.tables import attention, case_, case_event, escalation, quality, task
from core.person import erased_words
from core.privacy import Vault


def erase_cases(
    tx: Connection,
    vault: Vault,
    now: datetime,
    cases: Collection[int],
    attentions: Collection[int],
    rooms: Collection[int],
    by: str,
) -> int:
    """Consultations that are closed, with the attentions in which they were written, and what supervisors said of these
    conversations (``rooms``). How many words of their history went: the one change that it bears
    (core/append_only.py)."""
    said = or_(case_event.c.case_id.in_(cases), case_event.c.attention_id.in_(attentions))
    gone = {"text_sealed": None, "erased_at": now, "erased_by": by}
    words = tx.execute(update(case_event).where(said, case_event.c.text_sealed.is_not(None)).values(**gone)).rowcount
    instead = vault.seal(erased_words(by))
    reason = {"reason_sealed": instead, "unit": None}
    tx.execute(update(escalation).where(escalation.c.case_id.in_(cases)).values(**reason))
    beside = dict.fromkeys(("unit_sealed", "words_sealed", "end_sealed"))
    tx.execute(update(task).where(task.c.case_id.in_(cases)).values(**beside))
    tx.execute(update(quality).where(quality.c.room_id.in_(rooms)).values(comment_sealed=None))
    typed: dict[str, object] = {"phone_sealed": None, "document_sealed": None, "prints": [], "erased_at": now}
    typed["typed_sealed"] = vault.seal("{}")
    tx.execute(update(attention).where(attention.c.id.in_(attentions)).values(**typed))
    whose = ("document_print", "document_sealed", "phone_print", "phone_sealed", "contact_name_sealed", "once")
    told = {"detail_sealed": instead, "resolution_sealed": None, "erased_at": now}
    tx.execute(update(case_).where(case_.c.id.in_(cases)).values(**dict.fromkeys(whose), **told))
    return words
