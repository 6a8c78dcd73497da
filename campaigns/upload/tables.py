"""How far the reading of an upload has come, and which try at it is the one that counts."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, SmallInteger, Table, Text

from core.database import Moment, metadata

import_progress = Table(
    "import_progress",
    metadata,
    Column("campaign_id", BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    Column("tries", SmallInteger, nullable=False, server_default="0"),  # the last one is the only one that may store
    Column("stage", Text, nullable=False),  # LEYENDO, GUARDANDO, DUPLICADOS
    Column("done", Integer, nullable=False, server_default="0"),  # rows
    Column("total", Integer, nullable=False, server_default="0"),  # 0: not known yet
    Column("updated_at", Moment, nullable=False),  # by the database's own clock: it is no citizen's time
)
