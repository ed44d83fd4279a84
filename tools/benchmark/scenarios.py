"""The scenarios, each a function from the benchmark to the section of the report."""
import dataclasses
import pathlib
import shutil

from cases import Case, IdleCase, Row, ToolCase, failure, measure
from measure import Command, execute, instructions
from proxy import Proxy
from schema_work import COLUMNS, INDEXES, schema_script
from server import ServerError
from tools import Flux, Psql, Sqlite3, Target
from work import migrations

ROUND_TRIP = 0.020


@dataclasses.dataclass
class Section:
    """A part of the report. Medians are compared with that of the row `reference`, where there is one."""

    name: str
    title: str
    rows: list
    reference: str = ""
    facts: dict = dataclasses.field(default_factory=dict)


def local(bench):
    work = migrations(bench.sizes["local"])
    rows = measure(bench, [ToolCase(bench, tool, work, "postgres") for tool in bench.tools_for("postgres")], bench.runs)
    return Section("local", f"{len(work):,} migrations into an empty PostgreSQL database", rows, "flux")


def measured_delay(bench, proxy):
    """Milliseconds that one `select 1` takes through the proxy: what 20 of them take longer than 10."""
    target = Target("postgres", "postgres", proxy.port)
    seconds = []
    for count in (10, 20):
        script = bench.folder / f"select-{count}.sql"
        script.write_text("select 1;\n" * count)
        command = bench.psql.command(target, "-f", script)
        seconds.append(min(execute(command, bench.home, bench.limit).seconds for _ in range(3)))
    return (seconds[1] - seconds[0]) / 10 * 1000


def delay(bench):
    work = migrations(bench.sizes["delay"])
    proxy = Proxy(bench.server.port, ROUND_TRIP)
    try:
        facts = {"round_trip_ms": ROUND_TRIP * 1000, "measured_round_trip_ms": round(measured_delay(bench, proxy), 2)}
        cases = [ToolCase(bench, tool, work, "postgres", proxy) for tool in bench.tools_for("postgres")]
        rows = measure(bench, cases, bench.runs)
    finally:
        proxy.close()
    title = f"{len(work):,} migrations over a link with a round trip of {ROUND_TRIP * 1000:.0f} ms"
    return Section("delay", title, rows, "flux", facts)


def noop(bench):
    work = migrations(bench.sizes["noop"])
    proxy = Proxy(bench.server.port, 0)
    cases = []
    for tool in bench.tools_for("postgres"):
        if tool.variant:
            continue
        label = {"flux": "flux apply", "psql": "psql select 1"}.get(tool.name)
        cases.append(IdleCase(bench, tool, work, "postgres", proxy, label))
        if isinstance(tool, Flux):
            cases.append(IdleCase(bench, tool, work, "postgres", proxy, "flux status",
                                  lambda folder, target, flux=tool: flux.command(folder, "status", target.uri())))
        wrapper = shutil.which("psql")
        if isinstance(tool, Psql) and wrapper and pathlib.Path(wrapper).resolve() != tool.program.resolve():
            cases.append(IdleCase(bench, tool, work, "postgres", proxy, "psql of PATH",
                                  lambda folder, target, psql=Psql(wrapper): psql.look(folder, target)))
    try:
        rows = measure(bench, cases, bench.idle_runs)
    finally:
        for case in cases:
            case.close()
        proxy.close()
    return Section("noop", f"nothing pending, {len(work):,} migrations applied, PostgreSQL", rows, "flux apply")


def sqlite(bench):
    work = migrations(bench.sizes["sqlite"])
    rows = measure(bench, [ToolCase(bench, tool, work, "sqlite") for tool in bench.tools_for("sqlite")], bench.runs)
    return Section("sqlite", f"{len(work):,} migrations into an empty SQLite database", rows, "flux")


LOOKS = ("status", "plan", "validate")


class ManyFiles:
    """Flux alone, on directories that grow. What each migration costs is told by the growth since the first size."""

    def __init__(self, bench):
        self.bench = bench
        self.flux = next(tool for tool in bench.tools if isinstance(tool, Flux))
        self.first = {}
        self.rows = []

    def of_size(self, count):
        self.bench.say(f"  writing {count:,} migrations")
        folder = self.bench.folder / "files"
        work = migrations(count)
        self.flux.write(folder, work, "sqlite")
        text = sum(len(m.up) + len(m.down) for m in work)
        target = Target("sqlite", path=folder / "history.db")
        self._look(folder, target, "none applied", count, text)
        self._apply_without_running(folder, target, work)
        self._look(folder, target, "all applied", count, text)
        shutil.rmtree(folder)

    def _look(self, folder, target, state, count, text):
        cases = [Case(f"{name}, {state}, {count:,}", self.flux.command(folder, name, target.uri())) for name in LOOKS]
        for name, row in zip(LOOKS, measure(self.bench, cases, self.bench.runs)):
            row.extra.update(command=name, state=state, migrations=count, text_bytes=text)
            first = self.first.setdefault((name, state), row)
            more = count - first.extra["migrations"]
            if more and row.median() and first.median():
                memory = (row.median("peak_kib") - first.median("peak_kib")) * 1024
                row.extra["memory_beyond_text_each"] = round((memory - text + first.extra["text_bytes"]) / more)
                row.extra["microseconds_each"] = round((row.median() - first.median()) / more * 1e6, 2)
            self.rows.append(row)

    def _apply_without_running(self, folder, target, work):
        baseline = self.flux.command(folder, "baseline", work[-1].id, target.uri(), "--yes")
        run = execute(baseline, self.bench.home, self.bench.limit)
        row = Row(f"baseline, {len(work):,}", [run], failure(run) if run.status else "")
        row.extra.update(command="baseline", state="none applied", migrations=len(work))
        self.rows.append(row)


def files(bench):
    many = ManyFiles(bench)
    for count in bench.sizes["files"]:
        many.of_size(count)
    sizes = ", ".join(f"{count:,}" for count in bench.sizes["files"])
    return Section("files", f"directories of {sizes} migrations of two files, history in SQLite", many.rows)


def start(bench):
    flux = next(tool for tool in bench.tools if isinstance(tool, Flux))
    work = migrations(bench.sizes["noop"])
    cases = [Case("true", Command([shutil.which("true")])),
             Case("flux --version", Command([flux.program, "--version"])),
             Case("flux completions bash", Command([flux.program, "completions", "bash"]))]
    for tool in bench.tools:
        for kind in tool.kinds if isinstance(tool, (Flux, Psql, Sqlite3)) else ():
            what = "apply" if isinstance(tool, Flux) else "select 1"
            cases.append(IdleCase(bench, tool, work, kind, label=f"{tool.name} {what}, {kind}"))
    try:
        rows = measure(bench, cases, bench.idle_runs)
        for case, row in zip(cases, rows):
            if not row.problem:
                bench.say(f"  instructions: {case.label}")
                row.extra["instructions"] = instructions(case.begin(1), bench.home, bench.limit)
    finally:
        for case in cases:
            if isinstance(case, IdleCase):
                case.close()
    facts = {} if shutil.which("valgrind") else {"instructions": "not counted: valgrind is not installed"}
    return Section("start", "start, and start with nothing pending", rows, "", facts)


def filled_database(bench, script):
    name = bench.new_name()
    bench.server.create(name)
    file = bench.folder / f"{name}.sql"
    # One transaction would hold more locks than a server has room for.
    file.write_text("set synchronous_commit = off;\n" + script)
    target = Target("postgres", name, bench.server.port)
    run = execute(bench.psql.command(target, "-f", file), bench.home, bench.limit)
    if run.status != 0:
        raise ServerError(f"the tables cannot be made: {failure(run)}")
    return target


def schema(bench):
    """Inspecting and comparing large schemas; pg_dump reads the same catalogues."""
    tables = bench.sizes["schema"]
    flux = next(tool for tool in bench.tools if isinstance(tool, Flux))
    folder = bench.project(flux, [], "postgres")
    one = filled_database(bench, schema_script(tables))
    other = filled_database(bench, schema_script(tables, 10))
    bench.settle()
    cases = [Case("pg_dump -s", Command([bench.psql.program.parent / "pg_dump", "-s", one.uri()])),
             Case("flux inspect", flux.command(folder, "inspect", one.uri())),
             Case("flux inspect --format json", flux.command(folder, "inspect", one.uri(), "--format", "json")),
             Case("flux diff of two", flux.command(folder, "diff", one.uri(), other.uri()))]
    rows = measure(bench, cases, bench.runs)
    for target in (one, other):
        bench.server.drop(target.name)
    title = f"{tables:,} tables of {COLUMNS} columns, {tables * (INDEXES + 1):,} indexes, PostgreSQL"
    return Section("schema", title, rows, "flux inspect")


ALL = {"local": local, "delay": delay, "noop": noop, "sqlite": sqlite, "files": files, "start": start, "schema": schema}
