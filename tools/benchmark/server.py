"""A PostgreSQL server of the benchmark's own."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

SHOWN = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers",
         "max_wal_size", "autovacuum"]


class ServerError(Exception):
    """The server cannot be had, or refused what it was asked for."""


def find_programs():
    """The newest folder that holds initdb, postgres and psql themselves, not Debian's wrappers; None without one."""
    places = []
    if given := os.environ.get("FLUX_TEST_PG_BINDIR"):
        places.append(pathlib.Path(given))
    versions = [path for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    places += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        places.append(pathlib.Path(found).resolve().parent)
    for place in places:
        if all((place / name).exists() for name in ("initdb", "postgres", "psql")):
            return place
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server with default settings, in a folder of its own; as root, under the user postgres or nobody.

    It ends with `stop`, and by itself when this process dies.
    """

    def __init__(self, folder, programs):
        self.folder = folder
        self.programs = programs
        self.process = None
        self.log = folder / "log"
        folder.mkdir()
        self.user = self._user()
        if self.user:
            shutil.chown(folder, self.user.pw_uid, self.user.pw_gid)
        with self.log.open("wb") as log:
            made = self._launch(["initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                                 "--locale=C", "--no-sync"], log).wait()
        if made != 0:
            raise ServerError(f"initdb failed:\n{self.log.read_text(errors='replace')}")
        for _ in range(5):  # another process can take the port meanwhile
            self.port = free_port()
            if self._start():
                self.settings = {name: self.query(f"show {name}") for name in SHOWN}
                return
        raise ServerError(f"the PostgreSQL server does not start:\n{self.log.read_text(errors='replace')}")

    @staticmethod
    def _user():
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise ServerError("PostgreSQL does not run as root, and there is no user postgres or nobody")

    def _launch(self, command, log):
        as_user = [f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"] if self.user else []
        argv = ["setpriv", *as_user, "--pdeathsig=QUIT", self.programs / command[0], *command[1:]]
        return subprocess.Popen([str(part) for part in argv], cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                start_new_session=True)

    def _start(self):
        with self.log.open("ab") as log:
            self.process = self._launch(["postgres", "-D", self.folder / "data", "-p", self.port, "-c",
                                         "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"],
                                        log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.query("select 1")
                return True
            except ServerError:
                time.sleep(0.05)
        self.stop()
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()

    def query(self, sql, database="postgres"):
        """The first value that a statement gives, as text."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        argv = [self.programs / "psql", "-XAtq", "-h", self.folder, "-p", str(self.port), "-U", "postgres"]
        done = subprocess.run([*argv, "-d", database, "-c", sql], env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerError(f"{sql}: {done.stderr.strip()}")
        return done.stdout.strip()

    def create(self, database):
        self.query(f"create database {database}")

    def drop(self, database):
        self.query(f"drop database if exists {database} with (force)")
