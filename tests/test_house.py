"""The house keeps its word: documents that list code agree with the code."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workbook"


def locked(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([A-Za-z0-9_.\-]+==[^ \\]+)((?: ; [^\\]+)?)", line) for line in lines)
    return [(m[1] + m[2]).strip() for m in found if m]


def test_constraints_are_the_lock_without_hashes():
    assert locked("constraints.txt") == locked("requirements.lock")


def test_the_lock_has_hashes_and_no_host():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index-url" not in text


def test_every_direct_dependency_is_locked():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.match(r"[A-Za-z0-9_.\-]+", line)[0].lower().replace("_", "-") for line in wanted}
    known = {line.split("==")[0].lower().replace("_", "-") for line in locked("requirements.lock")}
    assert names <= known


def test_architecture_lists_every_room():
    listed = set(re.findall(r"^\| `workbook/([a-z_]+(?:/|\.py))` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.M))
    folders = {f"{p.parent.name}/" for p in PACKAGE.glob("*/__init__.py")}
    modules = {p.name for p in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert listed == folders | modules


def test_no_path_of_a_machine_is_written_down():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are the project's")
    found = subprocess.run(
        ["git", "grep", "-nE", r"/(home|root|Users)/[a-z]", "--", ".", ":!requirements.lock", ":!tests/test_house.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout
    assert found == ""


def test_readme_and_changelog_exist_and_links_resolve():
    for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{name} links to {target}"
