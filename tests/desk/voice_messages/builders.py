"""A line that takes messages, a carrier that holds them, and a message that somebody left."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from carrier.client import CarrierDown
from carrier.recordings import NoRecording, Recordings
from core.database import Database, metadata
from core.opening import Opening
from core.privacy import Vault
from desk.lines import DeskLine, Queue
from desk.tables import voice_message
from desk.voice_messages.inbox import note_voice_message
from desk.voice_messages.tables import voice_message_note

PHONE = "+50371234567"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x01" * 2_000_000


def make_tables(db: Database) -> None:
    """Those of the messages, where no migration made them yet."""
    metadata.create_all(db.engine, tables=[voice_message, voice_message_note])


def line(name: str = "dgs", *, is_sensitive: bool = False) -> DeskLine:
    return DeskLine(
        id=name,
        entidad="Dirección de Prueba",
        country="SV",
        caller_id="+50322373333",
        opening=Opening("SV"),
        queues={"operadores": Queue("operadores", "Operadores")},
        default_queue="operadores",
        is_sensitive=is_sensitive,
    )


def sid(number: int) -> str:
    return f"RE{number:032x}"


def left(
    tx: Connection, vault: Vault, now: datetime, number: int = 1, *, where: str = "dgs", phone: str | None = PHONE
) -> int:
    """A message on a line."""
    return note_voice_message(tx, vault, now, line(where), "operadores", phone, sid(number), 42)


@dataclass
class Shelf(Recordings):
    """A carrier's recordings, in memory: as many faults as it is told, then what it holds."""

    held: dict[str, bytes] = field(default_factory=dict)
    faults: int = 0
    delete_faults: int = 0

    def fetch(self, sid: str) -> bytes:
        if self.faults:
            self.faults -= 1
            raise CarrierDown
        if sid not in self.held:
            raise NoRecording
        return self.held[sid]

    def delete(self, sid: str) -> bool:
        if self.delete_faults:
            self.delete_faults -= 1
            raise CarrierDown
        return self.held.pop(sid, None) is not None
