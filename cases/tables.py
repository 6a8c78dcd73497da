"""What consultations, attended calls, work orders and registers leave in the database."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.append_only import keep_from_change
from core.database import Moment, metadata
from core.files import stored_file

case_ = Table(
    "case_",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),  # a code of cases/catalogue/catalogue.py
    Column("state", Text, nullable=False),
    Column("document_print", LargeBinary, index=True),
    Column("document_sealed", LargeBinary),
    Column("phone_sealed", LargeBinary),  # where the citizen can be called back
    Column("phone_print", LargeBinary, index=True),
    Column("contact_name_sealed", LargeBinary),
    Column("is_anonymous", Boolean, nullable=False, server_default="false"),  # R81
    Column("caller_kind", Text),  # a code of cases/catalogue/catalogue.py
    Column("channel", Text, nullable=False, server_default="VOZ"),  # R1
    Column("line", Text, nullable=False),
    Column("call_sid", Text, index=True),
    Column("detail_sealed", LargeBinary, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_on", Date, nullable=False),  # the country's day
    Column("due_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("resolution_sealed", LargeBinary),
    Column("once", LargeBinary),  # the print of kind, document and day, of a kind of which one a day is enough
    Column("erased_at", Moment),  # since when it no longer says whose it was (cases/keeping/erasing.py)
    Column("script", Text),  # what the operator was shown, and which version of it (R70)
    Index(
        "uq_case__once_a_day",
        "subject",
        "document_print",
        "opened_on",
        unique=True,
        postgresql_where=text("subject in ('FECHA_NACIMIENTO', 'SIN_HISTORIAL')"),  # what goes by ``once`` now
    ),
    Index("ix_case__pending", "due_at", postgresql_where=text("state = 'PENDIENTE'")),
    Index("ix_case__opened", "opened_at"),
    Index("ix_case__due", "due_at"),
    Index(
        "ix_case__to_erase", "line", "closed_at", postgresql_where=text("closed_at is not null and erased_at is null")
    ),
    Index("uq_case__once", "once", unique=True),
)

work_order = Table(
    "work_order",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document_print", LargeBinary, nullable=False),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("detail_sealed", LargeBinary, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("case_id", BigInteger),  # the consultation that it comes from
    Column("bill_print", LargeBinary),  # of the electricity bill that is to be linked
    Column("bill_sealed", LargeBinary),
    Column("member_prints", ARRAY(LargeBinary)),  # of the others of the household, while it is open (R24)
    Column("registering_since", Moment),  # it is being made in the padrón: its suborder is open until it is
    Index("ix_work_order_bill", "bill_print", postgresql_where=text("state = 'ABIERTA' and bill_print is not null")),
    Index("ix_work_order_members", "member_prints", postgresql_using="gin", postgresql_where=text("state = 'ABIERTA'")),
    Index("uq_work_order_open", "kind", "document_print", unique=True, postgresql_where=text("state = 'ABIERTA'")),
    Index("ix_work_order_opened", "opened_at"),
    Index("ix_work_order_open", "id", postgresql_where=text("state = 'ABIERTA'")),
    Index("ix_work_order_document", "document_print"),
    Index("ix_work_order_case", "case_id", postgresql_where=text("case_id is not null")),
)

#: The suborders of an order: it is closed when they are (R26).
order_step = Table(
    "order_step",
    metadata,
    Column("order_id", BigInteger, ForeignKey("work_order.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("place", SmallInteger, nullable=False),  # in their order
    Column("filled_sealed", LargeBinary),  # what was done, in somebody's words
    Column("closed_at", Moment),
    Column("closed_by", Text),
)

#: A call of the system on which somebody said that they want to claim (R46): no order until a person confirms it.
claim = Table(
    "claim",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("attempt_id", BigInteger, nullable=False, unique=True),  # the campaign's call
    Column("line", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document_print", LargeBinary),
    Column("document_sealed", LargeBinary),
    Column("phone_sealed", LargeBinary, nullable=False),
    Column("phone_print", LargeBinary),
    Column("said_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("order_id", BigInteger, ForeignKey("work_order.id")),
    Column("reason_sealed", LargeBinary),  # why it was discarded, in somebody's words
    Index("uq_claim_waiting", "document_print", unique=True, postgresql_where=text("state = 'POR_CONFIRMAR'")),
    Index("ix_claim_phone", "phone_print", postgresql_where=text("phone_print is not null")),
)

attention = Table(
    "attention",  # one operator's part in one conversation: a draft until it leaves its case
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("room_id", BigInteger, nullable=False),  # the desk's
    Column("line", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("call_sid", Text),
    Column("zone", Text, nullable=False),  # says which day it is, and whose telephones and documents these are
    Column("is_sensitive", Boolean, nullable=False, server_default="false"),  # R75, R81
    Column("operator", Text),  # null: in the colleagues' tray, for whoever takes it (R12)
    Column("to_role", Text),  # whose tray that is
    Column("to_queue", Text),
    Column("from_id", BigInteger, ForeignKey("attention.id")),  # whose conflict of interest brought it here
    Column("subject", Text),
    Column("caller_kind", Text),
    Column("phone_sealed", LargeBinary),  # what the call itself told
    Column("document_sealed", LargeBinary),
    Column("typed_sealed", LargeBinary, nullable=False),  # JSON: what the operator typed that is personal
    Column("prints", ARRAY(LargeBinary)),  # of every document and telephone in the three above (cases/prints.py)
    Column("is_anonymous", Boolean, nullable=False, server_default="false"),
    Column("has_conflict", Boolean),
    Column("is_gift_offered", Boolean),
    Column("outcome", Text),
    Column("opened_at", Moment, nullable=False),
    Column("had_at", Moment),  # the last that is known of the operator having the call: who had it last completes it
    Column("typed_at", Moment),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("moved_at", Moment),  # given to a colleague: never saved by this operator
    Column("saved_at", Moment),
    Column("is_concluded", Boolean, nullable=False, server_default="false"),  # with the case of who had the call after
    Column("case_id", BigInteger, ForeignKey("case_.id"), index=True),
    Column("erased_at", Moment),  # as of its case
    Column("reminded_at", Moment),  # its operator was told that it is still to be saved (procedures/unsaved.py)
    Column("overdue_at", Moment),  # and who supervises them
    Index("uq_attention_room", "room_id", "operator", unique=True, postgresql_where=text("from_id is null")),
    Index("ix_attention_room", "room_id"),
    Index("ix_attention_unsaved", "operator", postgresql_where=text("saved_at is null and moved_at is null")),
    Index("ix_attention_saved", "operator", "saved_at"),
    Index("ix_attention_saved_at", "saved_at"),
    Index("ix_attention_prints", "prints", postgresql_using="gin"),
    Index("ix_attention_to_print", "id", postgresql_where=text("prints is null")),
)

case_event = Table(
    "case_event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", BigInteger, index=True),
    Column("attention_id", BigInteger, index=True),  # what happened before there was a case
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text_sealed", LargeBinary),
    Column("facts", JSONB, nullable=False),
    Column("erased_at", Moment),  # the words: the person asked for it, or their term was over (cases/keeping)
    Column("erased_by", Text),
)

# What was written of a case is never edited away (R12, R51).
keep_from_change(case_event, "the history of a case cannot be changed", but_erase="text_sealed")

#: What somebody must do by a time: close a case, answer who raised it, send it on, call somebody (R19, R73, R74, R80).
task = Table(
    "task",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("case_id", BigInteger, ForeignKey("case_.id")),
    Column("about", BigInteger),  # what it is about where that is not a case: the kind says whose number it is
    Column("to_roles", ARRAY(Text), nullable=False),
    Column("to_person", Text),  # an e-mail; null: whoever of those roles takes it
    Column("unit_sealed", LargeBinary),  # where a case is to be sent on (R19)
    Column("words_sealed", LargeBinary),
    Column("due_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("warned_at", Moment),  # whoever has it was told that it falls due
    Column("overdue_at", Moment),  # and who supervises them, that it did
    Column("ended_by", Text),
    Column("ended_at", Moment),
    Column("end_sealed", LargeBinary),  # what was done, in somebody's words
    Index("uq_task_of_case", "case_id", "kind", unique=True, postgresql_where=text("ended_at is null")),
    Index("uq_task_about", "kind", "about", unique=True, postgresql_where=text("ended_at is null")),
    Index("ix_task_open", "due_at", "id", postgresql_where=text("ended_at is null")),
    Index("ix_task_case", "case_id", postgresql_where=text("case_id is not null")),
    Index("ix_task_closing", "due_at", postgresql_where=text("kind = 'CLOSE'")),
    Index("ix_task_about", "about", postgresql_where=text("about is not null")),
)

#: What somebody says is wrong in the padrón about them: looked into by a coordinator, told to them by a call (R36–R41).
correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("case_id", BigInteger, ForeignKey("case_.id"), nullable=False, index=True),
    Column("line", Text, nullable=False),
    Column("document_print", LargeBinary, nullable=False),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("proposed_sealed", LargeBinary),  # the date of birth as the caller tells it; what stands is nowhere here
    Column("proposed_name_sealed", LargeBinary),  # and the name, likewise
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("source", Text),  # what it was compared with: a code of cases/corrections/corrections.py
    Column("reason_sealed", LargeBinary),  # of that, or why it was refused, in the coordinator's words
    Column("correcting_since", Moment),  # it is being made in the padrón: its state says SOLICITADA until it is
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Column("campaign_id", BigInteger),  # by which the citizen is called back
    Column("told_at", Moment),  # the citizen knows, or can be told at a window alone
    Index("uq_correction_open", "kind", "document_print", unique=True, postgresql_where=text("state = 'SOLICITADA'")),
    Index("ix_correction_untold", "id", postgresql_where=text("state <> 'SOLICITADA' and told_at is null")),
    Index("ix_correction_document", "document_print"),
)

#: Not written any more: what went up is a task. What an older version left open here gets one (escalations.take_over).
escalation = Table(
    "escalation",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("case_.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("to_role", Text, nullable=False),
    Column("unit", Text),  # where it is to be sent on (R19)
    Column("reason_sealed", LargeBinary, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", Moment),
    Index("uq_escalation_open", "case_id", "kind", unique=True, postgresql_where=text("ended_at is null")),
)

gift = Table(
    "gift",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("line", Text, nullable=False),
    Column("case_id", BigInteger, ForeignKey("case_.id"), index=True),
    Column("offered_on", Date, nullable=False),
    Column("offer_sealed", LargeBinary, nullable=False),  # who offered it and how, in the operator's words
    Column("item_sealed", LargeBinary, nullable=False),
    Column("estimated_value", Numeric(12, 2)),  # in the money of the line's country
    Column("is_accepted", Boolean, nullable=False),
    Column("legal_basis", Text),
    Column("form_number", Text),  # of the gift-control form
    Column("file_id", BigInteger, ForeignKey(stored_file.c.id)),
    Column("agent", Text, nullable=False),
    Column("registered_at", Moment, nullable=False),
    Index("ix_gift_offered_on", "offered_on"),
)

quality = Table(
    "quality",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("room_id", BigInteger, nullable=False),  # the desk's
    Column("line", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("supervisor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("greeting", SmallInteger, nullable=False),  # 1–5, each of them
    Column("listening", SmallInteger, nullable=False),
    Column("clarity", SmallInteger, nullable=False),
    Column("warmth", SmallInteger, nullable=False),
    Column("script", SmallInteger, nullable=False),
    Column("closing", SmallInteger, nullable=False),
    Column("comment_sealed", LargeBinary),
    Column("would_escalate", Boolean, nullable=False, server_default="false"),
    Index("uq_quality_once", "room_id", "operator", "supervisor", unique=True),
    Index("ix_quality_operator", "operator", "at"),
)
