"""Tables that only grow: the database itself refuses to change or remove a line, whoever asks (architecture, Trust)."""

from sqlalchemy import DDL, Table, event

_INFO = "append_only"


def keep_from_change(table: Table, refusal: str) -> None:
    """From its making on, rows are only added. ``refusal``: what the database says to whoever tries otherwise."""
    name = f"{table.name}_is_append_only"
    table.info[_INFO] = f"""
create function {name}() returns trigger language plpgsql as $$
begin
    raise exception '{refusal}' using errcode = 'insufficient_privilege';
end $$;
create trigger {name} before update or delete or truncate on {table.name}
    for each statement execute function {name}();
"""
    event.listen(table, "after_create", DDL(table.info[_INFO]))
    event.listen(table, "after_drop", DDL(f"drop function {name}()"))


def trigger_of(table: Table) -> str | None:
    """The statement that makes the table so, for a migration; None for a table like any other."""
    return table.info.get(_INFO)
