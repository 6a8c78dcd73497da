"""``pregonero user``: who may sign in, and who no longer may."""

import getpass
import json
import sys
from typing import Any

import click

from core.roles import Role
from core.shell import NO_SUCH, USAGE, Shell, pass_shell, tell


@click.group()
def user() -> None:
    """Quienes usan las pantallas."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Cómo se llama; si falta, lo que va antes de la arroba.")
@pass_shell
def add_user(shell: Shell, email: str, role: str, name: str) -> int:
    """Crea o cambia un usuario.

    La contraseña se pide dos veces, o llega por la entrada estándar. Una cuenta cerrada sigue cerrada.
    """
    from console.accounts import AccountProblem, add_account, find_account

    try:
        password = _password()
        parts = shell.parts()
        with parts.db.begin() as tx:
            account_id = add_account(tx, parts.clock.now(), email, Role(role), password, name, actor=shell.actor())
            is_disabled = find_account(tx, account_id) is None
    except AccountProblem as error:
        return tell(str(error), USAGE)
    click.echo(f"user {account_id} {role}")
    if is_disabled:
        tell("Esa cuenta está cerrada, y sigue cerrada. Para abrirla: pregonero user enable CORREO.", 0)
    return 0


@user.command("list")
@click.option("--json", "as_json", is_flag=True)
@pass_shell
def list_users(shell: Shell, as_json: bool) -> None:
    """Las cuentas, primero las abiertas.

    De cada una: número, correo, rol, si está abierta, cuándo entró por última vez y nombre.
    """
    from console.disabling import all_accounts
    from core.countries import COUNTRIES

    parts = shell.found()
    zone = COUNTRIES[next(iter(parts.lines.values())).country].zone
    with parts.db.begin() as tx:
        found = all_accounts(tx)
    for each in found:
        last = each.last_sign_in_at.astimezone(zone) if each.last_sign_in_at else None
        if as_json:
            told = {"id": each.id, "email": each.email, "name": each.name, "role": each.role}
            told |= {"is_active": each.is_active, "last_sign_in": last.isoformat() if last else None}
            click.echo(json.dumps(told, ensure_ascii=False))
            continue
        state = "abierta" if each.is_active else "cerrada"
        entered = f"{last:%d/%m/%Y %H:%M}" if last else "nunca entró"
        click.echo(f"{each.id:6}  {each.email:36}  {each.role:17}  {state}  {entered:16}  {each.name}")


@user.command("disable")
@click.argument("email")
@pass_shell
def disable_user(shell: Shell, email: str) -> int:
    """Cierra la cuenta de quien se fue.

    No entra más, lo que tenía abierto se cierra y a su puesto no le llegan llamadas. No se borra: lo que hizo queda
    a su nombre.
    """
    from console.disabling import disable_account

    return _change(shell, email, disable_account, "disabled")


@user.command("enable")
@click.argument("email")
@pass_shell
def enable_user(shell: Shell, email: str) -> int:
    """Abre otra vez una cuenta cerrada.

    Con el rol y la contraseña que tiene. Lo que había quedado abierto no vuelve: se entra de nuevo.
    """
    from console.disabling import enable_account

    return _change(shell, email, enable_account, "enabled")


def _change(shell: Shell, email: str, change: Any, done: str) -> int:
    from console.disabling import NoSuchAccount

    parts = shell.found()
    try:
        with parts.db.begin() as tx:
            account_id = change(tx, parts.clock.now(), email, actor=shell.actor())
    except NoSuchAccount as error:
        return tell(str(error), NO_SUCH)
    click.echo(f"user {account_id} {done}")
    return 0


def _password() -> str:
    """At a terminal it is typed twice, unseen, by who has read what it must be. Raises AccountProblem."""
    from console.accounts import PASSWORD_RULE, AccountProblem

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    click.echo(f"{PASSWORD_RULE} Mientras la escribe no se ve.", err=True)
    password = getpass.getpass("Contraseña: ")
    if getpass.getpass("La misma, otra vez: ") != password:
        raise AccountProblem("Las dos contraseñas no son iguales. No se guardó nada.")
    return password
