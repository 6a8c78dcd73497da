"""Where a letter can be sent to, and how that is shown."""

from email_validator import EmailNotValidError, validate_email

from core.privacy import Vault

EMAIL_PRINT = "email"  #: the kind of fingerprint by which whoever asked, or was written to, is known again


def valid_address(written: str) -> str | None:
    """The one address that was written, or None: no second one, no name, no line break ever comes through."""
    try:
        found = validate_email(written.strip(), check_deliverability=False, allow_smtputf8=False)
        return found.ascii_email
    except EmailNotValidError:
        return None


def mask_address(address: str) -> str:
    """``ana.perez@salud.gob.sv`` → ``a•••@salud.gob.sv``."""
    name, at, domain = address.strip().rpartition("@")
    return f"{name[:1]}•••@{domain}"[:80] if at else "•••"


def address_key(vault: Vault, address: str) -> str:
    """What stands for an address in the name of a letter that is left once (``Letter.once``): never the address."""
    return vault.fingerprint(EMAIL_PRINT, address.strip().lower()).hex()[:16]
