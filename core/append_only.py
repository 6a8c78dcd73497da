"""Tables that only grow: the database itself refuses to change or remove a line, whoever asks (architecture, Trust)."""

from sqlalchemy import Table

from core.triggers import comes_with


def keep_from_change(table: Table, refusal: str) -> None:
    """From its making on, rows are only added. ``refusal``: what the database says to whoever tries otherwise."""
    name = f"{table.name}_is_append_only"
    made = f"""
create function {name}() returns trigger language plpgsql as $$
begin
    raise exception '{refusal}' using errcode = 'insufficient_privilege';
end $$;
create trigger {name} before update or delete or truncate on {table.name}
    for each statement execute function {name}();
"""
    comes_with(table, made, f"drop function {name}()")
