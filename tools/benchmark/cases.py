"""What is run again and again: one case for each tool, all of them in turn, each run checked."""
import contextlib
import dataclasses
import sqlite3
import statistics

from measure import execute
from server import ServerError
from tools import Target


@dataclasses.dataclass
class Row:
    """The runs of one case. `problem` says why there are none, or no more; `extra` holds other figures by name."""

    label: str
    runs: list = dataclasses.field(default_factory=list)
    problem: str = ""
    extra: dict = dataclasses.field(default_factory=dict)
    settled: bool = False

    def median(self, what="seconds"):
        return statistics.median(getattr(run, what) for run in self.runs) if self.runs and not self.problem else None


class Case:
    """A command to measure.

    `begin` makes all ready for run `turn` and gives the command, `verify` says what is wrong after it, `end` tidies up.
    """

    def __init__(self, label, command=None):
        self.label = label
        self.command = command

    def begin(self, turn):
        return self.command

    def verify(self, row):
        return ""

    def end(self):
        pass


class ToolCase(Case):
    """A tool on a database: what is in it afterwards must be the whole work and its history."""

    def __init__(self, bench, tool, work, kind, proxy=None, label=None):
        super().__init__(label or tool.name)
        self.bench, self.tool, self.kind, self.count, self.proxy = bench, tool, kind, len(work), proxy
        self.folder = bench.project(tool, work, kind)
        self.name = bench.new_name()
        self.target = None

    def make_database(self):
        if self.kind == "sqlite":
            self.target = Target("sqlite", path=self.bench.folder / f"{self.name}.db")
            self.target.path.unlink(missing_ok=True)
        else:
            self.bench.server.create(self.name)
            self.target = Target("postgres", self.name, self.bench.server.port)

    def through(self, proxy):
        return dataclasses.replace(self.target, port=proxy.port) if proxy else self.target

    def begin(self, turn):
        self.make_database()
        self.bench.settle()
        if self.proxy:
            self.proxy.take_counts()
        return self.tool.apply(self.folder, self.through(self.proxy))

    def ask(self, sql):
        if self.kind == "postgres":
            return self.bench.server.query(sql, self.name)
        with contextlib.closing(sqlite3.connect(self.target.path)) as database:
            return str(database.execute(sql).fetchone()[0])

    def verify(self, row):
        if self.proxy:
            row.extra["connections"], row.extra["round_trips"] = self.proxy.take_counts()
        catalogue = (("select count(*) from pg_tables where tablename ~ '^bench_[0-9]+$'",
                      "select count(*) from pg_indexes where indexname ~ '^bench_[0-9]+_name$'")
                     if self.kind == "postgres" else
                     ("select count(*) from sqlite_master where type = 'table' and name glob 'bench_[0-9]*'",
                      "select count(*) from sqlite_master where type = 'index' and name glob 'bench_[0-9]*_name'"))
        try:
            found = [int(self.ask(sql)) for sql in (*catalogue, self.tool.recorded)]
        except (ServerError, sqlite3.Error, ValueError) as error:
            return f"the result cannot be read: {error}"
        if found != [self.count] * 3:
            return "the result is wrong: {} tables, {} indexes and {} in the history of {}".format(*found, self.count)
        return ""

    def end(self):
        if self.target is None:
            return
        if self.kind == "postgres":
            self.bench.server.drop(self.name)
        else:
            for end in ("", "-journal", "-wal", "-shm"):
                self.target.path.with_name(self.target.path.name + end).unlink(missing_ok=True)
        self.target = None


class IdleCase(ToolCase):
    """A tool, or another command, on a database where nothing is pending; made at the first run and kept until `close`.

    The first run goes through a proxy that counts its round trips.
    """

    def __init__(self, bench, tool, work, kind, proxy=None, label=None, command=None):
        super().__init__(bench, tool, work, kind, proxy, label)
        self.make_command = command or tool.look

    def begin(self, turn):
        if self.target is None:
            self.make_database()
            run = execute(self.tool.apply(self.folder, self.target), self.bench.home, self.bench.limit)
            if run.status != 0:
                raise CaseError(f"applying failed: {failure(run)}")
        if turn > 0 or self.proxy is None:
            return self.make_command(self.folder, self.target)
        self.proxy.take_counts()
        return self.make_command(self.folder, self.through(self.proxy))

    def verify(self, row):
        counted = {name: row.extra[name] for name in ("connections", "round_trips") if name in row.extra}
        problem = super().verify(row)
        row.extra.update(counted)  # later runs do not go through the proxy
        return problem

    def end(self):
        pass

    def close(self):
        super().end()


class CaseError(Exception):
    """A case cannot be made ready."""


def failure(run):
    how = f"exit code {run.status}" if run.status >= 0 else f"ended by signal {-run.status}"
    return f"{how}: {run.tail}"


def run_once(bench, case, row, turn):
    try:
        run = execute(case.begin(turn), bench.home, bench.limit)
        row.problem = failure(run) if run.status != 0 else case.verify(row)
    except (CaseError, ServerError) as error:
        row.problem = str(error)
        return None
    finally:
        case.end()
    return run


def measure(bench, cases, runs):
    """The rows of cases: one run each to check and to warm up, then `runs` in turn, each round beginning with another.

    A case whose first run took longer than `bench.slow` seconds is not run again: that run is what is told.
    """
    rows = [Row(case.label) for case in cases]
    for turn in range(runs + 1):
        order = list(zip(cases, rows))
        first = turn % max(1, len(order))
        for case, row in order[first:] + order[:first]:
            if row.problem or row.settled:
                continue
            bench.say(f"  {'check' if turn == 0 else f'run {turn}'}: {case.label}")
            run = run_once(bench, case, row, turn)
            row.settled = bool(run) and turn == 0 and run.seconds > bench.slow
            if run and (turn > 0 or row.settled):
                row.runs.append(run)
    return rows
