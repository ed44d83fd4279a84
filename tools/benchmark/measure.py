"""Runs programs and says how long they took and how much memory they held."""
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Variables that would lead a tool to another database, configuration or project.
FOREIGN = re.compile(r"^(FLUX|PG|DBMATE|SQITCH|GOOSE|FLYWAY|ATLAS|DATABASE_URL|ALEMBIC)")


@dataclasses.dataclass
class Command:
    """What to run: a program with arguments, variables that are added, and the folder to run in."""

    argv: list
    env: dict = dataclasses.field(default_factory=dict)
    cwd: str = "/"


@dataclasses.dataclass
class Run:
    """How one run went. `tail` is the end of what a failed one wrote."""

    status: int
    seconds: float
    peak_kib: int
    cpu: float
    tail: str = ""


def environment(home, added):
    env = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    return {**env, "HOME": str(home), "LC_ALL": "C.UTF-8", "PGSSLMODE": "disable", "NO_COLOR": "1", **added}


def last_lines(file, count=12):
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4000))
    lines = file.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-count:])


def stop_group(process):
    """Ends a process that leads its own group, and all of its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def execute(command, home, limit):
    """Runs a command to its end, its output in a file. One that takes longer than `limit` seconds has failed."""
    receive, report = os.pipe()
    with tempfile.TemporaryFile() as output, os.fdopen(receive, "rb") as result:
        launcher = [sys.executable, "-I", "-S", str(HERE / "launch.py"), str(report)]
        try:
            process = subprocess.Popen(launcher + [str(part) for part in command.argv], cwd=command.cwd,
                                       env=environment(home, command.env), pass_fds=[report], stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        finally:
            os.close(report)
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            return Run(-signal.SIGKILL, limit, 0, 0, f"not done after {limit:.0f} s")
        finally:
            stop_group(process)
        words = result.read().split()
        if len(words) != 4:
            return Run(-signal.SIGKILL, 0, 0, 0, last_lines(output))
        status = int(words[0])
        return Run(status, float(words[1]), int(words[2]), float(words[3]), last_lines(output) if status else "")


def instructions(command, home, limit):
    """How many instructions a command executes, by callgrind; None where valgrind is missing or gives no number."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    argv = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"] + [str(part) for part in command.argv]
    try:
        done = subprocess.run(argv, cwd=command.cwd, env=environment(home, command.env), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = re.search(rb"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if found and done.returncode == 0 else None
