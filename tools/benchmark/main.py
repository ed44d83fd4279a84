"""The command line, and the life of one benchmark."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import sys
import tempfile

import report
import scenarios
from install import install_peers
from measure import execute
from peers import find_peers
from server import Server, ServerError, find_programs
from tools import Psql, Sqlite3, find_flux

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "build/bench-peers"
SIZES = {"local": 1000, "delay": 100, "noop": 100, "sqlite": 1000, "files": [1000, 10_000, 100_000], "schema": 2000}
QUICK = {"local": 20, "delay": 5, "noop": 5, "sqlite": 20, "files": [10, 100], "schema": 20}
NEEDS_SERVER = {"local", "delay", "noop", "start", "schema"}

EPILOG = """scenarios:
  local   1,000 migrations of two statements into an empty PostgreSQL database
  delay   100 migrations through a proxy that makes every round trip last 20 ms; round trips are counted
  noop    nothing pending: what a container pays at every start
  sqlite  1,000 migrations into an empty SQLite database
  files   status, plan and validate with 1,000, 10,000 and 100,000 migrations: time, and memory besides the text
  start   --version, completions and an apply with nothing pending: time, memory, instructions (by valgrind)
  schema  inspect and diff of 2,000 tables with 8,000 indexes, beside pg_dump -s

Every tool has the same work: migration K creates a table and an index. psql and the sqlite3 shell run one script that
has a transaction for each migration, with its row in a history. The tools run in turn, each time on an empty database
(but for noop and start) of a PostgreSQL server with default settings that the benchmark starts for itself. All connect
by TCP to 127.0.0.1, without TLS. After each run the tables, the indexes and the history are counted; where they are
wrong the tool has failed. Alembic and node-pg-migrate are run in two ways: with a transaction for each migration as all
the others, and with one for all of them, which is their default. Before timing each tool runs once; where that takes
longer than --slow it is its only run.

PEAK is the largest process of a run; 5 MB is the least that can be measured. The proxy does not delay TCP's own opening
of a connection. ROUND TRIPS is the longest chain of messages of which each was sent after an answer to the one before.

All of it, the server's data too, lies in a folder below TMPDIR until the end. On a busy machine compare the columns
FROM and CPU; the latter is what the program itself used.

Exit codes: 0 measured, 1 something failed, 2 wrong usage or something is missing. Goals that are missed change nothing.
"""


def arguments(argv):
    parser = argparse.ArgumentParser(prog="tools/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Measures flux beside psql, sqlite3 and other migration tools.",
                                     epilog=EPILOG)
    add = parser.add_argument
    add("--only", metavar="NAME,…", default=",".join(scenarios.ALL), help="these scenarios")
    add("--tools", metavar="NAME,…", help="these tools beside flux, instead of all that are installed")
    add("--runs", type=int, metavar="N", help="how often each is timed; without it 5")
    add("--idle-runs", type=int, metavar="N", help="the same for noop and start; without it --runs, or 20")
    add("--quick", action="store_true", help="little work, to see that all is well; its times mean nothing")
    add("--slow", type=float, metavar="SECONDS", default=30, help="what takes longer runs once; without it 30")
    add("--json", metavar="FILE", help="write the report as JSON, too")
    add("--readme", metavar="FILE", help="put the report between the two marks for it in FILE")
    add("--flux", metavar="FILE", help="instead of build/release/bin/flux, or flux of PATH")
    add("--backend-dir", metavar="DIR", help="where its backends are, if it does not find them itself")
    add("--peers", metavar="DIR", default=PEERS, help="where peers are besides PATH; without it build/bench-peers")
    add("--install-peers", metavar="DIR", nargs="?", const=PEERS,
        help="install the peers that apt, npm and pip offer, into DIR where they can, and end")
    given = parser.parse_args(argv)
    given.only = [name for name in given.only.split(",") if name]
    for name in given.only:
        if name not in scenarios.ALL:
            parser.error(f"there is no scenario {name}; there are {', '.join(scenarios.ALL)}")
    if any(number is not None and number < 1 for number in (given.runs, given.idle_runs)):
        parser.error("one run is the least")
    if given.readme and not report.has_marks(pathlib.Path(given.readme)):
        parser.error(f"{given.readme} does not have the marks {' and '.join(mark.strip() for mark in report.MARKS)}")
    return given


class MissingError(Exception):
    """Something that must be there to begin is not."""


class Bench:
    """What the scenarios share: the tools, the server, a folder, and how much is to be done."""

    def __init__(self, options, folder):
        self.folder = folder
        self.runs = options.runs or 5
        self.idle_runs = options.idle_runs or options.runs or 20
        self.sizes = QUICK if options.quick else SIZES
        self.slow, self.limit = options.slow, 900
        self.home = folder / "home"
        self.home.mkdir()
        self.server = self.psql = None
        self.tools, self.missing, self.peer_names = [], [], []
        self.names = 0
        self.projects = {}

    def settle(self):
        """Has all written that the tool before has left to write: it must not slow the next one down."""
        if self.server:
            self.server.query("checkpoint")
        os.sync()

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)

    def new_name(self):
        self.names += 1
        return f"bench_{self.names}"

    def project(self, tool, work, kind):
        """The folder with a tool's files for some work, written once and set up."""
        key = (tool.name, len(work), kind)
        if key not in self.projects:
            folder = self.folder / "-".join(str(part) for part in key)
            tool.write(folder, work, kind)
            if command := tool.set_up(folder):
                execute(command, self.home, self.limit)
            self.projects[key] = folder
        return self.projects[key]

    def tools_for(self, kind):
        return [tool for tool in self.tools if kind in tool.kinds]

    def find_tools(self, options, programs):
        flux = find_flux(options.flux, options.backend_dir, ROOT)
        if flux is None:
            raise MissingError("there is no flux; build it (cmake --preset release && cmake --build --preset release), "
                               "or name one with --flux")
        self.tools.append(flux)
        if programs:
            self.psql = Psql(programs / "psql")
            self.tools.append(self.psql)
        if shell := shutil.which("sqlite3"):
            self.tools.append(Sqlite3(shell))
        else:
            self.missing.append("sqlite3")
        peers, missing = find_peers(options.peers, programs / "psql" if programs else "psql")
        self.tools += peers
        self.missing += missing
        self.peer_names = [peer.name for peer in peers]
        if options.tools is not None:
            chosen = {"flux", *options.tools.split(",")}
            if unknown := chosen - {tool.name for tool in self.tools} - {""}:
                raise MissingError(f"not installed: {', '.join(sorted(unknown))}")
            self.tools = [tool for tool in self.tools if tool.name in chosen]


def host():
    model = ""
    if pathlib.Path("/proc/cpuinfo").exists():
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return {"system": f"{platform.system()} {platform.release()}", "processor": model, "cores": os.cpu_count(),
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
            "load_at_start": round(os.getloadavg()[0], 2)}


def head_text(data):
    machine = data["host"]
    lines = [f"tools/bench, {data['date']}, {machine['cores']} cores of {machine['processor'] or 'unknown kind'}, "
             f"load {machine['load_at_start']} at the start"]
    if data["server"]:
        lines.append("PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in data["server"].items()))
    for name, version in data["tools"].items():
        lines.append(f"  {name}: {version or 'version unknown'}")
    lines.append("not installed: " + (", ".join(data["missing"]) or "none"))
    return "\n".join(lines)


def measure_all(bench, options):
    programs = find_programs()
    bench.find_tools(options, programs)
    if NEEDS_SERVER & set(options.only):
        if programs is None:
            raise MissingError("there is no PostgreSQL server here (initdb, postgres, psql); `tools/packages bench` "
                               "installs one, or choose scenarios with --only")
        bench.server = Server(bench.folder / "postgres", programs)
    data = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), "quick": options.quick,
            "host": host(), "server": bench.server.settings if bench.server else None,
            "tools": {tool.name: tool.version() for tool in bench.tools if not tool.variant}, "missing": bench.missing,
            "scenarios": {}}
    texts = [head_text(data)]
    print(texts[-1], flush=True)
    sections = {}
    for name in options.only:
        bench.say(f"{name} ...")
        sections[name] = scenarios.ALL[name](bench)
        data["scenarios"][name] = report.section_data(sections[name])
        texts.append(report.section_text(sections[name]))
        print("\n" + texts[-1], flush=True)
    data["goals"] = [] if options.quick else report.goals(sections, bench.peer_names)
    if data["goals"]:
        texts.append(report.goals_text(data["goals"]))
        print("\n" + texts[-1], flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    if options.readme:
        report.put_into(pathlib.Path(options.readme), "\n\n".join(texts))
    return 1 if any(row.problem for section in sections.values() for row in section.rows) else 0


def main(argv=None):
    options = arguments(argv)
    if options.install_peers is not None:
        return 0 if install_peers(pathlib.Path(options.install_peers).absolute(), ROOT) else 1
    os.umask(0o022)  # flux refuses backends and folders that others could have written
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="flux-bench-"))
    folder.chmod(0o755)  # the server's own user passes through it
    bench = Bench(options, folder)
    try:
        if options.json:
            pathlib.Path(options.json).touch()
        return measure_all(bench, options)
    except (MissingError, ServerError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if bench.server:
            bench.server.stop()
        shutil.rmtree(folder, ignore_errors=True)
