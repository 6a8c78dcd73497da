"""Every room that keeps something of a person, in the order in which they may be asked to forget: what one finds by
another comes before it."""

import logging

import beneficiaries.person
import campaigns.person
import cases.keeping.person
import cases.prints
import cases.registers.person
import desk.chats.person
import desk.person
import desk.prints
import ivr.person
import messages.person
from core.database import Database
from core.person import Room
from core.privacy import Vault
from messages.former import Former

log = logging.getLogger(__name__)

ROOMS: tuple[Room, ...] = (
    ivr.person,
    desk.person,
    desk.chats.person,
    campaigns.person,
    messages.person,
    cases.registers.person,
    cases.keeping.person,
    beneficiaries.person,
)
_AT_ONCE = 500  # rows of one transaction


def fill_prints(db: Database, vault: Vault) -> int:
    """Gives their prints to the rows of before there were any, some a transaction; how many. Until then nobody is found
    in them."""
    count, former = 0, Former(db, vault)
    while moved := former.bring_over():  # a part of them each time
        count += moved
    for fill in (cases.prints.fill, desk.prints.fill):
        filled = 1
        while filled:
            with db.begin() as tx:
                filled = fill(tx, vault, _AT_ONCE)
            count += filled
    return count
