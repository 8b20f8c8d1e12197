"""The manuals of this folder: what they name is there, and what they tell people to do works."""

import re
import sqlite3
import subprocess
import unittest

from checks import machine
from checks.hall import Hall, Visitor
from checks.machine import DEPLOY, ROOT
from checks.test_proxies import Nginx

OPERATIONS = ROOT / "docs" / "operations.md"


def anchors(text):
    """The headings of a manual as links name them."""
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


class Manuals(unittest.TestCase):
    def test_every_link_of_these_manuals_leads_somewhere(self):
        for file in (OPERATIONS, ROOT / "docs" / "source-requirements.md", DEPLOY / "README.md"):
            for target in re.findall(r"\]\(([^)]+)\)", file.read_text()):
                path, _, anchor = target.partition("#")
                there = (file.parent / path).resolve() if path else file
                self.assertTrue(there.exists(), f"{file.name} leads to {target}")
                if anchor:
                    self.assertIn(anchor, anchors(there.read_text()), f"{file.name} leads to {target}")

    def test_every_test_that_a_requirement_names_is_there(self):
        table = (ROOT / "docs" / "source-requirements.md").read_text()
        named = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`", table))
        self.assertGreater(len(named), 40)
        folders = ("crates", "tests", "bench", "deploy")
        sources = [file for folder in folders for kind in ("rs", "py") for file in (ROOT / folder).rglob(f"*.{kind}")]
        text = "\n".join(file.read_text() for file in sources)
        made = set(re.findall(r"(?:fn |def |both_engines!\()([a-z0-9_]+)", text))
        self.assertEqual(named - made, set(), "docs/source-requirements.md names tests that are not there")

    def test_every_requirement_of_this_part_has_a_row(self):
        rows = re.findall(r"^\| (S\d+) \|", (ROOT / "docs" / "source-requirements.md").read_text(), re.MULTILINE)
        self.assertEqual(rows, [f"S{number}" for number in (*range(1, 11), 12, 16, 17)])

    def test_the_manual_has_the_headings_of_the_note(self):
        text = OPERATIONS.read_text()
        for heading in ("Too many connections", "Slow responses", "High memory usage"):
            section = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
            self.assertRegex(section, r"`[A-Z]+_[A-Z_]+`", f"{heading} names no variable to change")

    def test_every_file_of_this_folder_is_told_of(self):
        told = (DEPLOY / "README.md").read_text()
        files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "."], cwd=DEPLOY, capture_output=True, text=True, check=True)
        shipped = [file for file in files.stdout.split() if not file.startswith("checks/") and file != "README.md"]
        self.assertGreater(len(shipped), 10)
        self.assertEqual([file for file in shipped if f"`{file}`" not in told], [])

    def test_a_copy_made_as_the_manual_says_while_the_server_runs_has_what_was_saved(self):
        command = re.search(r'^    \(umask 077; sqlite3 (\S+) "(VACUUM INTO) ', OPERATIONS.read_text(), re.MULTILINE)
        self.assertEqual(command[1], "/var/lib/examhall/examhall.db")
        hall = Hall()
        self.addCleanup(hall.stop)
        proxy = Nginx(hall.port)
        self.addCleanup(proxy.stop)
        ana = Visitor(proxy.port, proxy.certificate)
        self.assertEqual(ana.sign_up()[0], 201)
        attempt = ana.get_json("POST", "/api/v1/exams/cloud/attempts", {})
        ana.save(attempt, 1)

        copy = machine.folder("copy") / "examhall.db"
        machine.run("sqlite3", str(hall.folder / "data" / "examhall.db"), f"{command[2]} '{copy}'")
        # The server goes on.
        ana.save(attempt, 2)
        hall.stop()
        self.assertEqual(sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchone(), ("ok",))
        hall.environment["DATA_DIR"] = str(copy.parent)
        hall.start()
        there = ana.get_json("GET", f"/api/v1/attempts/{attempt['id']}")
        self.assertEqual((there["last_seq"], len(there["answers"])), (1, 1))
