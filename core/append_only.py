"""Tables that only grow: the database itself refuses to change or remove a line, whoever asks (architecture, Trust)."""

from sqlalchemy import Table

from core.triggers import comes_with


def keep_from_change(table: Table, refusal: str, *, but_erase: str | None = None) -> None:
    """From its making on, rows are only added. ``refusal``: what the database says to whoever tries otherwise.

    ``but_erase``: a column of a person's words, which the law lets them have erased. It may become null, once, together
    with ``erased_at`` and ``erased_by``, and nothing else of the row with it.
    """
    name = f"{table.name}_is_append_only"
    function = f"""
create function {name}() returns trigger language plpgsql as $$
begin
    raise exception '{refusal}' using errcode = 'insufficient_privilege';
end $$;
"""
    trigger = f"""create trigger {name} before update or delete or truncate on {table.name}
    for each statement execute function {name}();
"""
    made = function + (trigger if but_erase is None else _erasable(table.name, but_erase))
    comes_with(table, made, f"drop function {name}()")


def _erasable(table: str, column: str) -> str:
    """The triggers of a table of which this column may be erased; its function is there already."""
    name, erasing = f"{table}_is_append_only", f"array['{column}', 'erased_at', 'erased_by']"
    return f"""create trigger {name} before delete or truncate on {table}
    for each statement execute function {name}();
create trigger {table}_is_only_erased before update on {table} for each row
    when (old.{column} is null or new.{column} is not null or new.erased_at is null or new.erased_by is null
        or to_jsonb(new.*) - {erasing} <> to_jsonb(old.*) - {erasing})
    execute function {name}();
"""
