"""tools/bench as its users run it, with little work."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = ["local", "delay", "noop", "sqlite", "files", "start", "schema"]


class BenchTest(unittest.TestCase):
    def setUp(self):
        # Passable for all, since the server's user is another one. In memory if that can be: a disk makes it slow.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=memory))
        self.addCleanup(shutil.rmtree, self.folder)
        self.folder.chmod(0o755)
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.peers = self.folder / "peers"
        self.peers.mkdir()

    def command(self, *arguments):
        return [sys.executable, ROOT / "tools/bench", "--flux", os.environ["FLUX_PROGRAM"], "--peers", self.peers,
                "--json", self.folder / "report.json", *arguments]

    def run_bench(self, *arguments):
        done = subprocess.run(self.command(*arguments), env={**os.environ, "TMPDIR": str(self.temporary)},
                              cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(list(self.temporary.iterdir()), [], "what it made is gone")
        return done

    def report(self):
        return json.loads((self.folder / "report.json").read_text())

    def add_peer(self, script):
        program = self.peers / "node_modules/@dbmate/linux/bin/dbmate"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(0o755)

    def test_every_scenario_has_sane_figures(self):
        done = self.run_bench("--quick", "--runs", "1", "--tools", "psql,sqlite3")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = self.report()
        self.assertEqual(list(report["scenarios"]), SCENARIOS)
        self.assertEqual(report["server"]["fsync"], "on")
        for name, scenario in report["scenarios"].items():
            self.assertIn(scenario["title"], done.stdout)
            self.assertTrue(scenario["rows"])
            for row in scenario["rows"]:
                with self.subTest(scenario=name, row=row):
                    self.assertTrue(row["ok"])
                    self.assertEqual(row["runs"], 1)
                    self.assertTrue(0 < row["median_seconds"] < 120)
                    self.assertTrue(1000 < row["peak_kib"] < 4_000_000)
                    self.assertIn(row["tool"], done.stdout)
        rows = {name: {row["tool"]: row for row in scenario["rows"]} for name, scenario in report["scenarios"].items()}
        self.assertEqual(set(rows["local"]), {"flux", "psql"})
        self.assertEqual(set(rows["sqlite"]), {"flux", "sqlite3"})
        self.assertEqual(rows["local"]["flux"]["reference_divided_by_this"], 1)
        # Startup, history table, and five statements for each of five migrations, one after the other.
        self.assertEqual(rows["delay"]["psql"]["round_trips"], 27)
        self.assertGreaterEqual(rows["delay"]["psql"]["median_seconds"], 27 * 0.020)
        self.assertGreaterEqual(report["scenarios"]["delay"]["measured_round_trip_ms"], 19)
        self.assertEqual(rows["noop"]["psql select 1"]["round_trips"], 2)
        self.assertGreater(rows["noop"]["flux apply"]["round_trips"], 0)
        self.assertIn("microseconds_each", rows["files"]["status, all applied, 100"])
        if shutil.which("valgrind"):
            self.assertGreater(rows["start"]["flux --version"]["instructions"], 100_000)
        else:
            self.assertIn("not counted", done.stdout)

    def test_a_tool_that_fails_is_told_with_its_last_lines(self):
        self.add_peer("echo some words; echo its last words >&2; exit 3\n")
        done = self.run_bench("--quick", "--runs", "1", "--only", "sqlite", "--tools", "dbmate,sqlite3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dbmate: failed: exit code 3: some words", done.stdout)
        rows = {row["tool"]: row for row in self.report()["scenarios"]["sqlite"]["rows"]}
        self.assertIn("its last words", rows["dbmate"]["problem"])
        self.assertTrue(rows["flux"]["ok"] and rows["sqlite3"]["ok"])

    def test_a_tool_that_did_less_is_not_timed(self):
        self.add_peer("exit 0\n")
        done = self.run_bench("--quick", "--runs", "1", "--only", "local", "--tools", "dbmate")
        self.assertEqual(done.returncode, 1)
        self.assertIn("dbmate: failed: the result cannot be read", done.stdout)
        self.assertEqual([row["runs"] for row in self.report()["scenarios"]["local"]["rows"]], [1, 0])

    def test_a_report_replaces_the_one_in_a_readme(self):
        readme = self.folder / "README.md"
        begin, end = "<!-- the report of tools/bench begins here -->", "<!-- the report of tools/bench ends here -->"
        readme.write_text(f"before\n{begin}\nan old one\n{end}\nafter\n")
        done = self.run_bench("--quick", "--runs", "1", "--only", "sqlite", "--tools", "sqlite3", "--readme", readme)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(readme.read_text(), f"before\n{begin}\n```\n{done.stdout}```\n{end}\nafter\n")

    def test_peers_that_are_not_there_are_named(self):
        done = self.run_bench("--quick", "--runs", "1", "--only", "sqlite")
        self.assertIn("flux-migrations", done.stdout.split("not installed: ")[1].splitlines()[0])

    def test_what_stops_it_leaves_nothing_behind(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number):
                process = subprocess.Popen(self.command("--only", "local", "--tools", "psql"), stdin=subprocess.DEVNULL,
                                           env={**os.environ, "TMPDIR": str(self.temporary)}, stdout=subprocess.DEVNULL,
                                           stderr=subprocess.PIPE, text=True)
                with process.stderr:
                    self.assertTrue(any("check: flux" in line for line in process.stderr))
                    [server] = self.temporary.glob("*/postgres/data/postmaster.pid")
                    server_pid = int(server.read_text().splitlines()[0])
                    process.send_signal(number)
                    process.stderr.read()
                self.assertEqual(process.wait(60), status)
                self.assertEqual(list(self.temporary.iterdir()), [])
                self.assert_ended(server_pid)

    def assert_ended(self, pid):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        self.fail(f"process {pid} still runs")

    def test_wrong_usage_begins_nothing(self):
        for arguments in (["--only", "lokal"], ["--runs", "0"], ["--tools", "nothing"], ["--flux", "/no/such/flux"],
                          ["--readme", "/dev/null"]):
            with self.subTest(arguments=arguments):
                done = self.run_bench(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn("error: ", done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
