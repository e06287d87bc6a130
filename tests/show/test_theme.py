"""The look of charts is ours on every machine."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

DRAWN = """
import hashlib
from workbook.show import apply_theme
from matplotlib.figure import Figure
from io import BytesIO
apply_theme()
figure, made = Figure(), BytesIO()
figure.add_subplot().plot([1, 3, 2], "o")
figure.savefig(made, format="png")
print(hashlib.sha256(made.getvalue()).hexdigest())
"""


def drawn(folder):
    return subprocess.run([sys.executable, "-c", DRAWN], cwd=folder, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, check=True, capture_output=True, text=True).stdout


def test_a_file_of_the_users_own_changes_no_picture(tmp_path):
    """A report taken over would still show what that file said before."""
    plain = drawn(tmp_path)
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nlines.markersize: 20\n", encoding="utf-8")
    assert drawn(tmp_path) == plain
