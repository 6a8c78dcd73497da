"""The queues of the account; every change is written. Who waits in one is not: a call does not outlive its carrier."""

from collections.abc import Callable, Iterator
from datetime import datetime

from carrier.local.ledger import Entry, Ledger
from carrier.local.queues.queue import DEFAULT_SIZE, Queue
from carrier.local.sids import new_sid

KINDS = frozenset({"queue", "queue_deleted"})


class QueueBook:
    """By sid and by name."""

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now
        self._by_sid: dict[str, Queue] = {}

    def make(self, name: str, max_size: int = DEFAULT_SIZE) -> Queue:
        now = self._now()
        queue = Queue(new_sid("QU"), name, now, now, max_size)
        self.save(queue)
        return queue

    def save(self, queue: Queue) -> None:
        queue.updated_at = self._now()
        self._by_sid[queue.sid] = queue
        facts = {"friendly_name": queue.friendly_name, "max_size": queue.max_size}
        facts |= {"created_at": queue.created_at.isoformat(), "updated_at": queue.updated_at.isoformat()}
        self._ledger.append("queue", queue.sid, facts)

    def delete(self, queue: Queue) -> None:
        del self._by_sid[queue.sid]
        self._ledger.append("queue_deleted", queue.sid, {})

    def find(self, sid: str) -> Queue | None:
        return self._by_sid.get(sid)

    def named(self, name: str) -> Queue | None:
        return next((queue for queue in self._by_sid.values() if queue.friendly_name == name), None)

    def __iter__(self) -> Iterator[Queue]:
        return iter(reversed(list(self._by_sid.values())))

    def restore(self, entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        if entry["kind"] == "queue_deleted":
            self._by_sid.pop(entry["sid"], None)
            return
        created, updated = (datetime.fromisoformat(entry[name]) for name in ("created_at", "updated_at"))
        self._by_sid[entry["sid"]] = Queue(entry["sid"], entry["friendly_name"], created, updated, entry["max_size"])
