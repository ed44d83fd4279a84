"""Two large schemas that differ in few places, for inspect and diff."""
COLUMNS = 10
INDEXES = 3  # and the primary key's


def _table(number, changed):
    name = f"bench_{number:05d}"
    columns = [f"c{at} {'integer' if at % 2 else 'text'}{' not null' if at % 3 == 0 else ''}" for at in range(1, COLUMNS)]
    if changed:
        columns.append("added timestamptz default now()")
    parts = [f"create table {name} (id bigint primary key, {', '.join(columns)});"]
    parts += [f"create index {name}_{at} on {name} (c{at});" for at in range(1, INDEXES if changed else INDEXES + 1)]
    return "\n".join(parts)


def schema_script(tables, change_every=0):
    """`tables` tables with their indexes; with `change_every` every so-many-th has a column more and an index less."""
    return "\n".join(_table(number, change_every and number % change_every == 0) for number in range(1, tables + 1)) + "\n"
