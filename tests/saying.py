"""Where in the database somebody's words can be read."""

from sqlalchemy import Connection, text


def tables_saying(tx: Connection, words: str) -> list[str]:
    """The tables of which some row has these words as they were written: in a text, in JSON, or in bytes."""
    tables = (
        tx.execute(text("select quote_ident(tablename) from pg_tables where schemaname = 'public'")).scalars().all()
    )
    found = "select exists (select 1 from {} t where strpos(t::text, :words) > 0 or strpos(t::text, :in_hex) > 0)"
    told = {"words": words, "in_hex": words.encode().hex()}
    return [each for each in tables if tx.execute(text(found.format(each)), told).scalar_one()]
