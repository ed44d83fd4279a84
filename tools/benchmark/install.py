"""Gets the peers that the package managers of this machine offer."""
import pathlib
import shutil
import subprocess
import sys

PYTHON_PACKAGE = "flux-migrations[postgres]"


def run(argv, **options):
    print("+ " + " ".join(str(part) for part in argv), flush=True)
    return subprocess.run([str(part) for part in argv], check=False, **options).returncode == 0


def node_packages():
    """The newest node-pg-migrate wants node 20; Debian 12 has 18."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip("v\n ")
    major = int(version.split(".")[0] or 0)
    return ["dbmate", "pg", "node-pg-migrate" if major >= 20 else "node-pg-migrate@7"]


def install_peers(folder, root):
    """Debian's packages go into the system, all others below `folder`. Says what could not be had; True if nothing."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    if not run([root / "tools/packages", "bench"]):
        failed.append("sqitch, alembic, sql-migrate")
    if shutil.which("npm") is None and not run([root / "tools/packages", "node"]):
        failed.append("npm")
    npm = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund"]
    if shutil.which("npm") and not run(npm + node_packages()):
        failed.append("dbmate, node-pg-migrate")
    python = folder / "python"
    made = run([shutil.which("python3") or sys.executable, "-m", "venv", python])
    if not made or not run([python / "bin/pip", "install", "--quiet", "--retries", "1", PYTHON_PACKAGE]):
        shutil.rmtree(python, ignore_errors=True)
        failed.append("flux-migrations")
    for names in failed:
        print(f"could not be had here: {names}", file=sys.stderr)
    print(f"The peers are in {folder} and on PATH; `tools/bench --peers {folder}` measures them.")
    return not failed
