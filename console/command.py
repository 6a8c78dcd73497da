"""``pregonero user``: who may sign in."""

import getpass
import sys

import click

from core.roles import Role
from core.shell import USAGE, Shell, pass_shell, tell


@click.group()
def user() -> None:
    """Quienes usan las pantallas."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@pass_shell
def add_user(shell: Shell, email: str, role: str) -> int:
    """Crea o cambia un usuario; la contraseña llega por la entrada estándar."""
    from console.accounts import AccountProblem, add_account

    password = getpass.getpass("Contraseña: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    parts = shell.parts()
    try:
        with parts.db.begin() as tx:
            account_id = add_account(tx, parts.clock.now(), email, Role(role), password, actor=shell.actor())
    except AccountProblem as error:
        return tell(str(error), USAGE)
    click.echo(f"user {account_id} {role}")
    return 0
