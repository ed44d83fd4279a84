"""tools/abi-check: that it lets pass what the rules allow, and catches each kind of change that they forbid."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "sdk/include/flux/backend_abi.h"
APPENDED = r"#if FLUX_ABI_MINOR >= 1\n  void (*appended)(flux_backend *self);\n#endif\n} flux_backend_api;"

# What is changed, the text in the header (a pattern), what stands there instead, and what the gate must say of it.
FORBIDDEN = [
    ("a member inserted", r"^  const char \*version;( +/\*.*\*/)?$", r"  const char *inserted;\n  const char *version;",
     "version"),
    ("a function inserted", r"^  flux_status \(\*begin\)",
     r"  void (*inserted)(flux_backend *self);\n  flux_status (*begin)", "begin"),
    ("a function appended without a version", r"^\} flux_backend_api;",
     r"  void (*appended)(flux_backend *self);\n} flux_backend_api;", "appended"),
    ("a parameter of another type", r"\(\*lock\)\(flux_backend \*self, int64_t", r"(*lock)(flux_backend *self, int32_t",
     "lock"),
    ("a parameter more", r"\(\*unlock\)\(flux_backend \*self,", r"(*unlock)(flux_backend *self, int32_t how,",
     "unlock"),
    ("a result of another type", r"^  void \(\*disconnect\)", r"  flux_status (*disconnect)", "disconnect"),
    ("a const less", r"\(\*apply\)\(flux_backend \*self, const flux_script",
     r"(*apply)(flux_backend *self, flux_script", "apply"),
    ("a signature behind get_interface", r"\(\*split\)\(flux_backend \*self, const flux_script",
     r"(*split)(flux_backend *self, flux_script", "split"),
    ("the value of an enumerator", r"FLUX_E_LOCKED = 6", r"FLUX_E_LOCKED = 66", "FLUX_E_LOCKED"),
    ("the value of a flag that no signature names", r"FLUX_UNIT_REMOVES = 1", r"FLUX_UNIT_REMOVES = 2",
     "FLUX_UNIT_REMOVES"),
    ("an enumerator less", r"^  FLUX_E_NOMEM = 11,", "", "FLUX_E_NOMEM"),
    ("an enumerator more without a version", r"^  FLUX_LOG_TRACE = 0,", r"  FLUX_LOG_TRACE = 0, FLUX_LOG_ALL = 99,",
     "FLUX_LOG_ALL"),
    ("a member removed", r"^  flux_str note; .*$", "", "flux_history_row"),
    ("two members that change places", r"^  flux_str hint; .*\n  flux_str sqlstate; .*$",
     r"  flux_str sqlstate;\n  flux_str hint;", "hint"),
    ("a member of another type", r"int32_t b;", r"int64_t b;", "flux_value"),
    ("a typedef", r"^typedef int32_t flux_status;", r"typedef uint32_t flux_status;", "flux_status"),
    ("the name of an interface", r'"flux.batch.v1"', r'"flux.batch.v2"', "FLUX_IFACE_BATCH_V1"),
    ("the name of the entry", r'"flux_backend_entry_v1"', r'"flux_backend_entry"', "FLUX_ENTRY_SYMBOL"),
    ("a constant of the note", r"FLUX_NOTE_TYPE 1", r"FLUX_NOTE_TYPE 2", "FLUX_NOTE_TYPE"),
    ("the content of the note", r"\.long 5", r".long 6", "FLUX_BACKEND_NOTE"),
]
# The same, but hidden behind the next version, where they are just as wrong.
FORBIDDEN_LATER = [
    ("a member inserted", r"^  const char \*version;",
     r"#if FLUX_ABI_MINOR >= 1\n  const char *inserted;\n#endif\n  const char *version;", "version"),
    ("another signature", r"^  void \(\*disconnect\)\(flux_backend \*self\);",
     r"#if FLUX_ABI_MINOR >= 1\n  void (*disconnect)(flux_backend *self, int how);\n#else\n  void (*disconnect)(flux_backend *self);\n#endif", "disconnect"),
    ("another value", r"^  FLUX_E_LOCKED = 6,",
     r"#if FLUX_ABI_MINOR >= 1\n  FLUX_E_LOCKED = 66,\n#else\n  FLUX_E_LOCKED = 6,\n#endif\n", "FLUX_E_LOCKED"),
    ("a member in a struct that does not tell its size", r"^\} flux_str;",
     r"#if FLUX_ABI_MINOR >= 1\n  int more;\n#endif\n} flux_str;", "nothing tells its size"),
    ("another alignment", r"^\} flux_key;",
     r"#if FLUX_ABI_MINOR >= 1\n} __attribute__((aligned(64))) flux_key;\n#else\n} flux_key;\n#endif", "flux_key"),
    ("another constant", r"^#define FLUX_NOTE_TYPE 1",
     r"#if FLUX_ABI_MINOR >= 1\n#define FLUX_NOTE_TYPE 2\n#else\n#define FLUX_NOTE_TYPE 1\n#endif", "FLUX_NOTE_TYPE"),
]
ALLOWED = [
    ("another comment", r"/\* one line \*/", r"/* a line */"),
    ("another name of a parameter", r"int64_t timeout_ms, flux_err", r"int64_t timeout, flux_err"),
]


class GateTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="flux-abi-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.baselines = self.folder / "baselines"
        # As of 1.0, whatever version the header has come to.
        self.write(re.sub(r"(?m)^(#define FLUX_ABI_MINOR) \d+$", r"\1 0", HEADER.read_text()))
        self.assertEqual(self.gate("--record").returncode, 0)
        self.original = self.header.read_text()

    @property
    def header(self):
        return self.folder / "backend_abi.h"

    def write(self, text):
        self.header.write_text(text)

    def gate(self, *arguments):
        command = [ROOT / "tools/abi-check", "--header", self.header, "--baselines", self.baselines, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def change(self, pattern, replacement, minor=0):
        text, count = re.subn(pattern, replacement, self.original, count=1, flags=re.MULTILINE)
        self.assertEqual(count, 1, f"the header has no {pattern}")
        self.write(re.sub(r"(?m)^(#define FLUX_ABI_MINOR) 0$", rf"\1 {minor}", text))

    def check_refused(self, done, said):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(said, done.stderr)

    def test_the_header_of_this_checkout_is_as_recorded(self):
        done = subprocess.run([ROOT / "tools/abi-check"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_recorded_passes(self):
        self.assertEqual(self.gate().returncode, 0)

    def test_what_changes_nothing_passes(self):
        for what, pattern, replacement in ALLOWED:
            with self.subTest(what):
                self.change(pattern, replacement)
                done = self.gate()
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_change_of_a_recorded_version_is_caught(self):
        for what, pattern, replacement, said in FORBIDDEN:
            with self.subTest(what):
                self.change(pattern, replacement)
                self.check_refused(self.gate(), said)

    def test_a_change_that_hides_behind_the_next_version_is_caught(self):
        for what, pattern, replacement, said in FORBIDDEN_LATER:
            with self.subTest(what):
                self.change(pattern, replacement, minor=1)
                shutil.rmtree(self.baselines / "1.1", ignore_errors=True)
                self.assertEqual(self.gate("--record").returncode, 0)
                self.check_refused(self.gate(), said)

    def test_an_optional_function_at_the_end_passes_as_the_next_version(self):
        self.change(r"^\} flux_backend_api;", APPENDED, minor=1)
        self.check_refused(self.gate(), "the ABI 1.1 is not recorded")
        self.assertEqual(self.gate("--record").returncode, 0)
        done = self.gate()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ABI 1.1 is as recorded", done.stdout)

    def test_a_recorded_version_cannot_be_taken_back(self):
        self.change(r"^\} flux_backend_api;", APPENDED, minor=1)
        self.assertEqual(self.gate("--record").returncode, 0)
        self.write(self.original)
        self.check_refused(self.gate(), "1.1 is recorded")

    def test_a_recorded_version_is_not_recorded_as_another(self):
        self.change(r"FLUX_E_LOCKED = 6", r"FLUX_E_LOCKED = 66")
        self.check_refused(self.gate("--record"), "is recorded already")
        self.write(self.original)
        self.assertEqual(self.gate().returncode, 0)

    def test_the_recorded_header_is_held_to_what_was_recorded(self):
        copy = self.baselines / "1.0/flux/backend_abi.h"
        copy.write_text(copy.read_text().replace("FLUX_E_LOCKED = 6", "FLUX_E_LOCKED = 66"))
        self.check_refused(self.gate(), "not the header that was recorded")

    def test_a_missing_tool_is_no_success(self):
        done = subprocess.run([sys.executable, ROOT / "tools/abi-check"], env={"PATH": "/nowhere"}, capture_output=True,
                              text=True, check=False)
        self.check_refused(done, "is not installed")


if __name__ == "__main__":
    unittest.main()
