"""Makes the tests' database empty again, in one round trip: a function inside it knows every table."""

import psycopg


def emptier(database_url: str) -> psycopg.Connection:
    """The connection that empties it, and nothing else: no trigger fires there, or the audit trail would refuse.

    That is said once, since PostgreSQL forgets all it has planned whenever it changes. Most tests leave a few rows in
    a few tables: these are deleted, and only what has grown is truncated, since each truncated table is a new file,
    and so is each of its indexes.
    """
    options = "-c session_replication_role=replica"
    connection = psycopg.connect(database_url, autocommit=True, options=options)
    tables = [name for (name,) in connection.execute(_TABLES)]
    asked = ", ".join(f"exists (select from {name})" for name in tables)
    steps = [
        f"lock table {', '.join(tables)} in exclusive mode;",  # whoever still writes is waited for
        f"has_rows := (select array[{asked}]);",  # in one question: many take twice as long
        *(_EMPTY.format(number, name, _GROWN) for number, name in enumerate(tables, start=1)),
        _FROM_ONE,
    ]
    connection.execute("create schema tests")
    connection.execute(
        "create function tests.make_empty() returns void language plpgsql set search_path = public"
        f" as $steps$ declare has_rows boolean[]; begin {' '.join(steps)} end $steps$"
    )
    return connection


def empty(connection: psycopg.Connection) -> None:
    """Every table without rows and every count from one."""
    for tries_left in (4, 3, 2, 1, 0):
        try:
            connection.execute("select tests.make_empty()")
            return
        except psycopg.OperationalError:  # a process of the test before that ends only now: two wait for each other
            if not tries_left:
                raise


_TABLES = """
    select quote_ident(tablename) from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'
"""
_GROWN = 256 * 1024  # bytes
_EMPTY = """
    if has_rows[{0}] then
        if pg_relation_size('{1}') > {2} then truncate {1} restart identity cascade; else delete from {1}; end if;
    end if;
"""
_FROM_ONE = """
    perform setval(seqrelid, seqstart, false) from pg_sequence where pg_sequence_last_value(seqrelid) is not null;
"""
