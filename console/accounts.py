"""Accounts: who they are, what they may do, and the one way to prove it (argon2, throttled)."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from console.tables import account, sign_in_failure
from core import audit
from core.database import Database
from core.privacy import Vault
from core.roles import Role

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_DISTINCT = 5  # characters of a password
#: What is told before one is chosen.
PASSWORD_RULE = (
    f"La contraseña debe tener entre {SHORTEST_PASSWORD} y {LONGEST_PASSWORD} caracteres, al menos {_DISTINCT} de ellos"
    " distintos, y no puede ser el correo: use una frase que solo usted conozca."
)
FAILURES_OF_ONE_EMAIL = 5
FAILURES_OF_ONE_ADDRESS = 20  # a whole office may come from one
REMEMBERED = timedelta(minutes=15)
#: RFC 1918 and RFC 4193. (``is_private`` is more: the networks of documentation, for one.)
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))

_hasher = PasswordHasher()
_nobodys_hash: list[str] = []  # made once, when first needed: it takes as long as a real one


class AccountProblem(Exception):
    """The account cannot be made. The message is one sentence in Spanish for whoever makes it."""


@dataclass(frozen=True)
class Account:
    """Someone who may sign in. ``stamp`` changes with the password, and when it is enabled again: an older session is
    then worth nothing."""

    id: int
    email: str
    name: str
    role: Role
    stamp: str = field(repr=False)


def add_account(
    tx: Connection, now: datetime, email: str, role: str, password: str, name: str = "", *, actor: str
) -> int:
    """Makes an account and returns its id; the same e-mail again changes its role and password, and its name where one
    is given. An account that was disabled stays so (console/disabling.py).

    ``actor``: who made it, for the audit trail. Raises AccountProblem.
    """
    address = _address(email)
    if role not in list(Role):
        raise AccountProblem(f"El rol debe ser uno de: {', '.join(Role)}.")
    _refuse_weak(password, address)
    values = {"role": role, "password_hash": _hasher.hash(password)}
    named = " ".join(name.split())
    if named:
        values["name"] = named
    found = tx.execute(select(account.c.id).where(account.c.email == address).with_for_update()).scalar()
    if found is None:
        first = {"name": address.partition("@")[0]} | values | {"email": address, "created_at": now}
        found = tx.execute(insert(account).values(**first).returning(account.c.id)).scalar_one()
        audit.record(tx, now, actor, "account.added", "account", found, role=role)
    else:
        tx.execute(update(account).where(account.c.id == found).values(**values))
        audit.record(tx, now, actor, "account.changed", "account", found, role=role)
    return found


def find_account(tx: Connection, account_id: int) -> Account | None:
    """The account, unless there is none or it was disabled."""
    found = tx.execute(select(account).where(account.c.id == account_id, account.c.is_active)).first()
    return _account(found) if found else None


def check_sign_in(db: Database, vault: Vault, now: datetime, email: str, password: str, address: str) -> Account | None:
    """Who this is, or None: unknown, wrong, disabled, or too many failures of the e-mail or the network address.

    ``address``: the peer's. A loopback or private one is a proxy's, with everybody behind it: it is not counted.
    A try is counted before it is judged, and forgotten when it was right: many at once are still counted one by one.
    """
    known, keys = _known(email), _keys(vault, email, address)
    with db.begin() as tx:
        if not _may_try(tx, now, keys):
            return None
        row = tx.execute(select(account).where(account.c.email == known, account.c.is_active)).first()
    if not _is_right(row.password_hash if row else None, password) or row is None:
        return None
    with db.begin() as tx:
        tx.execute(delete(sign_in_failure).where(sign_in_failure.c.key_print.in_(keys)))
        tx.execute(update(account).where(account.c.id == row.id).values(last_sign_in_at=now))
        audit.record(tx, now, row.email, "account.signed_in", "account", row.id)
    return _account(row)


def wait_of(db: Database, vault: Vault, now: datetime, email: str, address: str) -> timedelta | None:
    """How long whoever failed too often must wait before a try counts again; None: they need not. It asks nothing of
    the account, so that it tells nothing of which ones there are."""
    with db.begin() as tx:
        waits = [_wait_of(tx, now, key, most) for key, most in _keys(vault, email, address).items()]
    return max((each for each in waits if each is not None), default=None)


def _wait_of(tx: Connection, now: datetime, key: bytes, most: int) -> timedelta | None:
    mine = (sign_in_failure.c.key_print == key, sign_in_failure.c.at > now - REMEMBERED)
    newest = select(sign_in_failure.c.at).where(*mine).order_by(sign_in_failure.c.at.desc())
    last_that_counts = tx.execute(newest.offset(most - 1).limit(1)).scalar()
    return last_that_counts + REMEMBERED - now if last_that_counts else None


def _keys(vault: Vault, email: str, address: str) -> dict[bytes, int]:
    """What failures are counted by, and how many of each are too many."""
    keys = {vault.fingerprint("sign-in e-mail", _known(email)): FAILURES_OF_ONE_EMAIL}
    if _is_of_one_visitor(address):
        keys[vault.fingerprint("sign-in address", address)] = FAILURES_OF_ONE_ADDRESS
    return keys


def _known(email: str) -> str:
    return email.strip().lower()[:254]


def _is_of_one_visitor(address: str) -> bool:
    """Whether whoever is at this address came by themselves; a socket's peer has none."""
    try:
        peer = ip_address(address)
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return not (peer.is_loopback or any(peer in network for network in _PRIVATE))


def _may_try(tx: Connection, now: datetime, keys: dict[bytes, int]) -> bool:
    for key in sorted(keys):
        tx.execute(select(func.pg_advisory_xact_lock(int.from_bytes(key[:8], signed=True))))
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.at <= now - REMEMBERED))
    for key, most in keys.items():
        failures = select(func.count()).where(sign_in_failure.c.key_print == key)
        if tx.execute(failures).scalar_one() >= most:
            return False
    tx.execute(insert(sign_in_failure), [{"key_print": key, "at": now} for key in keys])
    return True


def _is_right(password_hash: str | None, password: str) -> bool:
    """Takes as long for an unknown e-mail as for a known one."""
    if not _nobodys_hash:
        _nobodys_hash.append(_hasher.hash("nobody's password"))
    try:
        _hasher.verify(password_hash or _nobodys_hash[0], password[:LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None


def _account(row: Row) -> Account:
    again = row.times_enabled or ""  # of most none: the stamp is then as the version before made it
    stamp = hashlib.sha256(f"{row.password_hash}{again}".encode()).hexdigest()[:16]
    return Account(row.id, row.email, row.name, Role(row.role), stamp)


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise AccountProblem("El correo no es válido.") from None


def _refuse_weak(password: str, address: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        least, most = SHORTEST_PASSWORD, LONGEST_PASSWORD
        raise AccountProblem(f"La contraseña debe tener entre {least} y {most} caracteres.")
    if len(set(password)) < _DISTINCT or password.lower() == address:
        raise AccountProblem("La contraseña es demasiado fácil: use una frase que solo usted conozca.")
