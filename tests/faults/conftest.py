"""A small project of one chapter, run through the real command line in a process of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DEALS = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Created Date,Close Date\n" + "".join(
    f"00{n},Deal {n},Firm {n % 3},{'Closed Won' if n % 2 else 'Closed Lost'},{100 + n},EUR,2026-01-{n + 1:02d},2026-03-{n + 1:02d}\n"
    for n in range(20)
)
ANSWER = """
from workbook.notebook import open_run

run = open_run("data", settings)
"""


@dataclass
class Answer:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


class Project:
    """A folder with notebooks/, params/ and crm/ in which the command line is called."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("notebooks", "params", "crm"):
            (folder / name).mkdir()
        self.write("crm/opportunities.csv", DEALS)
        self.write("params/run.yaml", "data: ../crm\nas_of: 2026-09-30\nchapters: [data]\ncurrency: EUR\n")
        self.notebook("x = 1")

    def write(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def notebook(self, *cells):
        """Write the chapter: source texts become code cells, cells are taken as they are."""
        code = nbformat.v4.new_code_cell
        parameters = code('settings = ""', metadata={"tags": ["parameters"]}, id="parameters")
        body = [code(cell, id=f"cell-{n}") if isinstance(cell, str) else cell for n, cell in enumerate((ANSWER, *cells, "run.close()"))]
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("# Data", id="title"), parameters, *body],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / "notebooks" / "00_data.ipynb")

    def environment(self):
        return os.environ | {"PYTHONPATH": str(REPOSITORY), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "WORKBOOK_HOME": str(self.folder / "home")}

    def command(self, *words):
        return [sys.executable, "-m", "workbook.cli", *map(str, words)]

    def call(self, *words):
        done = subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=240, check=False
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def start(self, *words):
        return subprocess.Popen(
            self.command(*words), cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *words):
        return self.call("run", "params/run.yaml", *words)

    @property
    def report(self):
        return self.folder / "reports" / "run"

    def good(self):
        """Make a good report first and return the bytes of its management page."""
        answer = self.run()
        assert answer.status == 0, answer.text
        return (self.report / "index.html").read_bytes()


def heading(text, *needs):
    """A heading cell with its needs."""
    id = "".join(letter for letter in text.lower() if letter.isalpha())
    return nbformat.v4.new_markdown_cell(f"## {text}", id=id, metadata={"tags": [f"needs:{need}" for need in needs]})


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
