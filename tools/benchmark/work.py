"""The work that every tool is given: migration K creates one table and one index on it."""
import os


class Migration:
    def __init__(self, number):
        self.number = number
        self.table = f"bench_{number:06d}"
        self.id = f"20260101_{number:06d}_{self.table}"
        self.statements = [f"create table {self.table} (id integer primary key, name text not null, created text);",
                           f"create index {self.table}_name on {self.table} (name);"]
        self.up = "\n".join(self.statements) + "\n"
        self.down = f"drop table {self.table};\n"


def migrations(count):
    return [Migration(number) for number in range(1, count + 1)]


# What a script for a shell records; as much as flux does, but for its program's own fields.
HISTORY = "create table history (id text primary key, hash text not null, undo text, applied_at text not null);\n"


def shell_script(work):
    """All of it as one script: a transaction for each migration, with its row in a history."""
    parts = [HISTORY]
    for migration in work:
        row = f"'{migration.id}', 'sha256:{migration.number:064x}', '{migration.down}', current_timestamp"
        insert = f"insert into history (id, hash, undo, applied_at) values ({row});\n"
        parts.append(f"begin;\n{migration.up}{insert}commit;\n")
    return "".join(parts)


def write_files(folder, texts):
    """Writes a text to each name of a mapping, below a folder that is made."""
    folder = str(folder)
    for name in {folder} | {os.path.dirname(f"{folder}/{name}") for name in texts}:
        os.makedirs(name, exist_ok=True)
    for name, text in texts.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
