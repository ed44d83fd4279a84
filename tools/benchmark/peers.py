"""The other migration tools: how each is found, what its project looks like and how it is run."""
import json
import pathlib
import shutil
import subprocess

from measure import Command
from tools import Tool
from work import write_files


class Peer(Tool):
    """A tool of others; `program_name` is looked for below the folder of the peers, then on PATH."""

    program_name = ""
    below = []  # patterns of its program below the folder of the peers

    @classmethod
    def find(cls, folder):
        for pattern in cls.below:
            for path in sorted(pathlib.Path(folder).glob(pattern)):
                return path.resolve()
        found = cls.program_name and shutil.which(cls.program_name)
        return pathlib.Path(found) if found else None


class Dbmate(Peer):
    name = "dbmate"
    kinds = ("postgres", "sqlite")
    # The program itself: the one in .bin starts node only to start this one.
    below = ["node_modules/@dbmate/*/bin/dbmate"]
    program_name = "dbmate"
    recorded = "select count(*) from schema_migrations"

    def write(self, folder, work, kind):
        write_files(folder / "migrations", {f"{20260101000000 + m.number}_{m.table}.sql":
                                            f"-- migrate:up\n{m.up}\n-- migrate:down\n{m.down}" for m in work})

    def apply(self, folder, target):
        return Command([self.program, "--url", target.uri("postgres"), "--migrations-dir", folder / "migrations",
                        "--no-dump-schema", "migrate"], cwd=folder)


class SqlMigrate(Peer):
    name = "sql-migrate"
    program_name = "sql-migrate"
    recorded = "select count(*) from gorp_migrations"

    def version(self):
        """What Debian calls it: the program itself has no such option."""
        try:
            done = subprocess.run(["dpkg-query", "-W", "sql-migrate"], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return ""
        return done.stdout.strip().replace("\t", " ")

    def write(self, folder, work, kind):
        config = "bench:\n  dialect: postgres\n  datasource: ${BENCH_URI}\n  dir: migrations\n"
        write_files(folder, {"dbconfig.yml": config})
        write_files(folder / "migrations", {f"{m.id}.sql": f"-- +migrate Up\n{m.up}\n-- +migrate Down\n{m.down}"
                                            for m in work})

    def apply(self, folder, target):
        return Command([self.program, "up", "-config=dbconfig.yml", "-env=bench"],
                       {"BENCH_URI": target.uri("postgres")}, folder)


class Sqitch(Peer):
    name = "sqitch"
    program_name = "sqitch"
    recorded = "select count(*) from sqitch.changes"
    client = "psql"

    def write(self, folder, work, kind):
        plan = ["%syntax-version=1.0.0", "%project=bench", ""]
        plan += [f"{m.id} 2026-01-01T00:00:00Z Bench <bench@example.org> # {m.table}" for m in work]
        texts = {"sqitch.plan": "\n".join(plan) + "\n",
                 "sqitch.conf": f"[core]\n\tengine = pg\n[engine \"pg\"]\n\tclient = {self.client}\n"}
        for m in work:
            texts[f"deploy/{m.id}.sql"] = f"begin;\n{m.up}commit;\n"
            texts[f"revert/{m.id}.sql"] = f"begin;\n{m.down}commit;\n"
        write_files(folder, texts)

    def apply(self, folder, target):
        return Command([self.program, "deploy", "--target", target.uri("db:pg", "")],
                       {"SQITCH_FULLNAME": "Bench", "SQITCH_EMAIL": "bench@example.org"}, folder)


ALEMBIC_ENV = """import os
from alembic import context
from sqlalchemy import create_engine, pool

each = os.environ["BENCH_TRANSACTIONS"] == "each"
with create_engine(os.environ["BENCH_URI"], poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=each)
    with context.begin_transaction():
        context.run_migrations()
"""


class Alembic(Peer):
    name = "alembic"
    program_name = "alembic"
    below = ["python/bin/alembic"]
    recorded = "select cast(substr(version_num, 2) as integer) from alembic_version"
    transactions = "each"

    def write(self, folder, work, kind):
        texts = {"alembic.ini": "[alembic]\nscript_location = scripts\n", "scripts/env.py": ALEMBIC_ENV}
        previous = None
        for m in work:
            revision = f"r{m.number:06d}"
            up = "\n".join(f'    op.execute("{statement}")' for statement in m.statements)
            texts[f"scripts/versions/{m.id}.py"] = (
                f"from alembic import op\n\nrevision = {revision!r}\ndown_revision = {previous!r}\n\n\n"
                f"def upgrade():\n{up}\n\n\ndef downgrade():\n    op.execute(\"{m.down.strip()}\")\n")
            previous = revision
        write_files(folder, texts)

    def apply(self, folder, target):
        return Command([self.program, "upgrade", "head"],
                       {"BENCH_URI": target.uri(), "BENCH_TRANSACTIONS": self.transactions}, folder)


class AlembicAtOnce(Alembic):
    """As it is by default: all migrations in one transaction."""

    name = "alembic, one transaction"
    variant = True
    transactions = "all"


class NodePgMigrate(Peer):
    name = "node-pg-migrate"
    below = ["node_modules/.bin/node-pg-migrate"]
    program_name = "node-pg-migrate"
    recorded = "select count(*) from pgmigrations"
    transactions = ["--no-single-transaction"]

    def version(self):
        """What npm calls it: the option of the program says "unknown"."""
        for folder in self.program.parents:
            if (folder / "package.json").exists():
                return json.loads((folder / "package.json").read_text()).get("version", "")
        return ""

    def write(self, folder, work, kind):
        write_files(folder / "migrations", {f"{1760000000000 + m.number}_{m.table}.sql":
                                            f"-- Up Migration\n{m.up}\n-- Down Migration\n{m.down}" for m in work})

    def apply(self, folder, target):
        return Command([self.program, "up", "--migrations-dir", "migrations", "--no-verbose", *self.transactions],
                       {"DATABASE_URL": target.uri()}, folder)


class NodePgMigrateAtOnce(NodePgMigrate):
    """As it is by default: all migrations in one transaction."""

    name = "node-pg-migrate, one transaction"
    variant = True
    transactions = []


class Goose(Peer):
    name = "goose"
    kinds = ("postgres", "sqlite")
    program_name = "goose"
    below = ["bin/goose"]
    recorded = "select count(*) from goose_db_version where version_id > 0"

    def write(self, folder, work, kind):
        write_files(folder / "migrations", {f"{m.number:06d}_{m.table}.sql":
                                            f"-- +goose Up\n{m.up}\n-- +goose Down\n{m.down}" for m in work})

    def apply(self, folder, target):
        driver, uri = ("sqlite3", target.path) if target.kind == "sqlite" else ("postgres", target.uri())
        return Command([self.program, "-dir", folder / "migrations", driver, uri, "up"], cwd=folder)


class GolangMigrate(Peer):
    name = "golang-migrate"
    program_name = "migrate"
    below = ["bin/migrate"]
    recorded = "select version from schema_migrations"
    version_arguments = ["-version"]

    def write(self, folder, work, kind):
        texts = {}
        for m in work:
            texts[f"{m.number:06d}_{m.table}.up.sql"] = f"begin;\n{m.up}commit;\n"
            texts[f"{m.number:06d}_{m.table}.down.sql"] = m.down
        write_files(folder / "migrations", texts)

    def apply(self, folder, target):
        return Command([self.program, "-path", folder / "migrations", "-database", target.uri(), "up"], cwd=folder)


class Flyway(Peer):
    name = "flyway"
    program_name = "flyway"
    below = ["flyway*/flyway"]
    recorded = "select count(*) from flyway_schema_history where success"

    def write(self, folder, work, kind):
        write_files(folder / "migrations", {f"V{m.number}__{m.table}.sql": m.up for m in work})

    def apply(self, folder, target):
        return Command([self.program, f"-url=jdbc:postgresql://127.0.0.1:{target.port}/{target.name}?sslmode=disable",
                        "-user=postgres", f"-locations=filesystem:{folder}/migrations", "migrate"], cwd=folder)


class Atlas(Peer):
    name = "atlas"
    program_name = "atlas"
    below = ["bin/atlas"]
    recorded = "select count(*) from atlas_schema_revisions.atlas_schema_revisions where type <> 0"
    version_arguments = ["version"]

    def write(self, folder, work, kind):
        write_files(folder / "migrations", {f"{20260101000000 + m.number}_{m.table}.sql": m.up for m in work})

    def set_up(self, folder):
        return Command([self.program, "migrate", "hash", "--dir", f"file://{folder}/migrations"], cwd=folder)

    def apply(self, folder, target):
        return Command([self.program, "migrate", "apply", "--dir", f"file://{folder}/migrations", "--url",
                        target.uri("postgres"), "--allow-dirty"], cwd=folder)


class FluxMigrations(Peer):
    """The Python tool. Its program is called flux, too, so it is only looked for below the folder of the peers."""

    name = "flux-migrations"
    below = ["python/bin/flux"]
    recorded = "select count(*) from _flux_migrations"

    def version(self):
        return ""  # it has no such option

    def write(self, folder, work, kind):
        texts = {"flux.toml": '[flux]\nbackend = "postgres"\nmigration_directory = "migrations"\n\n[backend]\n'}
        for m in work:
            texts[f"migrations/{m.id}.sql"] = m.up
            texts[f"migrations/{m.id}.undo.sql"] = m.down
        write_files(folder, texts)

    def apply(self, folder, target):
        return Command([self.program, "apply", target.uri(), "--auto-approve"], cwd=folder)


PEERS = [Dbmate, SqlMigrate, Sqitch, Alembic, AlembicAtOnce, NodePgMigrate, NodePgMigrateAtOnce, Goose, GolangMigrate,
         Flyway, Atlas, FluxMigrations]


def find_peers(folder, psql):
    """The peers that are installed, and the names of the others."""
    found, missing = [], []
    for peer in PEERS:
        program = peer.find(folder)
        if program is None:
            missing += [] if peer.variant else [peer.name]
            continue
        tool = peer(program)
        if isinstance(tool, Sqitch):
            tool.client = psql
        found.append(tool)
    return found, missing
