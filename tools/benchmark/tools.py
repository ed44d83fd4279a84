"""What is measured: flux, and the databases' own shells as the measure of it."""
import dataclasses
import pathlib
import shutil
import subprocess

from measure import Command
from work import shell_script, write_files


@dataclasses.dataclass
class Target:
    """A database: `path` of an SQLite file, or `port` and `name` of one of the own server."""

    kind: str
    name: str = ""
    port: int = 0
    path: pathlib.Path = None

    def uri(self, scheme="postgresql", options="sslmode=disable"):
        if self.kind == "sqlite":
            return f"sqlite:{self.path}"
        return f"{scheme}://postgres@127.0.0.1:{self.port}/{self.name}" + (f"?{options}" if options else "")


class Tool:
    """A program that migrates. `kinds` are the databases it is measured with.

    `recorded` asks the database how many migrations the tool has recorded there. A `variant` is another way to run a
    tool that is measured anyhow; only applying can differ.
    """

    name = ""
    variant = False
    kinds = ("postgres",)
    recorded = ""
    version_arguments = ["--version"]

    def __init__(self, program):
        self.program = pathlib.Path(program)

    def version(self):
        """The first line that has a number in it, of what the program says about itself; empty if it does not."""
        try:
            done = subprocess.run([self.program, *self.version_arguments], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, cwd="/", check=False)
        except (OSError, subprocess.TimeoutExpired):
            return ""
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
        return next((line for line in lines if any(sign.isdigit() for sign in line)), "")

    def write(self, folder, work, kind):
        """Writes the project: the migrations and what else the tool wants."""
        raise NotImplementedError

    def set_up(self, folder):
        """A command that the written project needs once before it can be applied; None if there is none."""
        return None

    def apply(self, folder, target):
        """The command that applies all that is pending."""
        raise NotImplementedError

    def look(self, folder, target):
        """What is run where nothing is pending."""
        return self.apply(folder, target)


class Flux(Tool):
    name = "flux"
    kinds = ("postgres", "sqlite")
    recorded = "select count(*) from _flux_migrations"

    def __init__(self, program, backend_dir=None):
        super().__init__(program)
        self.options = ["--backend-dir", backend_dir] if backend_dir else []

    def write(self, folder, work, kind):
        texts = {"flux.toml": f'[flux]\nbackend = "{kind}"\nmigration_directory = "migrations"\n'}
        for migration in work:
            texts[f"migrations/{migration.id}.sql"] = migration.up
            texts[f"migrations/{migration.id}.undo.sql"] = migration.down
        write_files(folder / "migrations", {})
        write_files(folder, texts)

    def command(self, folder, *arguments):
        return Command([self.program, *arguments, *self.options], cwd=folder)

    def apply(self, folder, target):
        return self.command(folder, "apply", target.uri(), "--yes")


class Psql(Tool):
    """psql with one script; nothing pending is `select 1` for it."""

    name = "psql"
    recorded = "select count(*) from history"

    def write(self, folder, work, kind):
        write_files(folder, {"all.sql": shell_script(work)})

    def command(self, target, *arguments):
        return Command([self.program, "-X", "-q", "-v", "ON_ERROR_STOP=1", *arguments, target.uri()])

    def apply(self, folder, target):
        return self.command(target, "-f", folder / "all.sql")

    def look(self, folder, target):
        return self.command(target, "-c", "select 1")


class Sqlite3(Tool):
    """The sqlite3 shell with one script; nothing pending is `select 1` for it."""

    name = "sqlite3"
    kinds = ("sqlite",)
    recorded = "select count(*) from history"

    def write(self, folder, work, kind):
        write_files(folder, {"all.sql": shell_script(work)})

    def apply(self, folder, target):
        return Command([self.program, "-batch", "-bail", target.path, f".read {folder}/all.sql"])

    def look(self, folder, target):
        return Command([self.program, "-batch", target.path, "select 1"])


def find_flux(given, backend_dir, root):
    """The flux that is named, else the one built by `cmake --preset release`, else that of PATH; None without any."""
    built = root / "build/release/bin/flux"
    program = given or (built if built.exists() else shutil.which("flux"))
    if not program or not pathlib.Path(program).exists():
        return None
    return Flux(pathlib.Path(program).resolve(), backend_dir and pathlib.Path(backend_dir).resolve())
