"""Where a letter can be sent to."""

from email_validator import EmailNotValidError, validate_email


def valid_address(written: str) -> str | None:
    """The one address that was written, or None: no second one, no name, no line break ever comes through."""
    try:
        found = validate_email(written.strip(), check_deliverability=False, allow_smtputf8=False)
        return found.ascii_email
    except EmailNotValidError:
        return None
