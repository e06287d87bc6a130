"""The recipes of docs/scaling.md are what their programs read, and every command line in them is one of ours."""

import ast
import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main
import yaml

from workbook.cli import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def blocks(language):
    found = [text for kind, text in BLOCKS if kind == language]
    assert found, language
    return found


def manifests():
    return [manifest for text in blocks("yaml") for manifest in yaml.safe_load_all(text)]


def containers(node):
    if isinstance(node, dict):
        yield from node.get("containers", ())
        for value in node.values():
            yield from containers(value)
    elif isinstance(node, list):
        for value in node:
            yield from containers(value)


def commands():
    """Yield every call of `workbook` on the page, as its words."""
    for kind, text in BLOCKS:
        if kind in ("sh", "cron", "ini"):
            lines = [line.removeprefix("ExecStart=") for line in text.splitlines() if "workbook run" in line]
            yield from (shlex.split(line, comments=True) for line in lines)
    for text in blocks("python"):
        calls = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword) and node.arg == "bash_command"]
        yield from (shlex.split(call.value) for call in calls)
    for manifest in manifests():
        yield from ([*c["command"], *c.get("args", [])] for c in containers(manifest) if c["command"][0] == "workbook")


def test_every_command_is_one_of_ours():
    root = typer.main.get_command(app)
    seen = 0
    for words in commands():
        at = next(i for i, word in enumerate(words) if Path(word).name == "workbook" and words[i + 1] == "run")
        args = [word for word in words[at + 2 :] if word != ">>"]
        args = args[: next((i for i, word in enumerate(args) if word.endswith(".log")), len(args))]
        root.commands["run"].make_context("run", args, resilient_parsing=False)
        seen += 1
    assert seen >= 6


def test_an_option_that_is_none_would_be_found():
    with pytest.raises(Exception, match="No such option"):
        typer.main.get_command(app).commands["run"].make_context("run", ["x.yaml", "--keeep", "1"])


def test_the_cron_line_has_five_fields_and_a_command():
    for text in blocks("cron"):
        for line in (line for line in text.splitlines() if not line.startswith("#")):
            *when, command = line.split(None, 5)
            assert len(when) == 5 and all(re.fullmatch(r"[\d*/,-]+", field) for field in when) and command


def test_the_units_are_read_by_systemd(tmp_path):
    names = re.findall(r"`/etc/systemd/system/([\w.]+)`", PAGE)
    assert names == ["workbook.service", "workbook.timer"]
    for name, text in zip(names, blocks("ini"), strict=True):
        parser = configparser.ConfigParser(interpolation=None, strict=True)
        parser.optionxform = str
        parser.read_string(text)
        assert parser.sections()[0] == "Unit"
        (tmp_path / name).write_text(text.replace("/srv/workbook/.venv/bin/workbook", "/bin/true").replace("User=workbook\n", ""))
    if shutil.which("systemd-analyze") is not None:
        done = subprocess.run(["systemd-analyze", "verify", *(str(tmp_path / name) for name in names)], capture_output=True, text=True, check=False)
        assert "Unknown" not in done.stderr and "Failed to parse" not in done.stderr, done.stderr
        when = next(line.partition("=")[2] for line in blocks("ini")[1].splitlines() if line.startswith("OnCalendar="))
        assert subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, check=False).returncode == 0


def test_the_dag_is_python_of_known_operators():
    for text in blocks("python"):
        tree = ast.parse(text)
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
        assert called <= imported and {"DAG", "BashOperator"} <= called


def test_the_manifests_are_whole():
    found = {(manifest["kind"], manifest["metadata"]["name"]): manifest for manifest in manifests()}
    assert {kind: manifest["apiVersion"] for (kind, _), manifest in found.items()} == {"CronJob": "batch/v1", "Service": "v1", "Deployment": "apps/v1"}
    pods = {name: manifest["spec"]["template"] for (kind, name), manifest in found.items() if kind == "Deployment"}
    for name, manifest in found.items():
        if name[0] == "Deployment":
            assert manifest["spec"]["selector"]["matchLabels"] == pods[name[1]]["metadata"]["labels"]
    job = found["CronJob", "sales-strategy-reports"]["spec"]["jobTemplate"]["spec"]
    for pod in (job["template"]["spec"], *(template["spec"] for template in pods.values())):
        assert pod["securityContext"]["runAsNonRoot"]
        for container in pod["containers"]:
            assert container["image"] and container["resources"]["limits"]["memory"] and container["securityContext"]["readOnlyRootFilesystem"]
            assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    for rule in job["podFailurePolicy"]["rules"]:
        assert rule["onExitCodes"]["containerName"] in {container["name"] for container in job["template"]["spec"]["containers"]}


def test_the_scheduler_is_found_by_its_name():
    found = {(manifest["kind"], manifest["metadata"]["name"]): manifest for manifest in manifests()}
    service, scheduler = (found[kind, "dask-scheduler"]["spec"] for kind in ("Service", "Deployment"))
    assert service["selector"] == scheduler["template"]["metadata"]["labels"]
    command = next(containers(scheduler))["command"]
    (port,) = service["ports"]
    assert command[command.index("--port") + 1] == str(port["targetPort"])
    named = [word for manifest in manifests() for c in containers(manifest) for word in c["command"] if word.startswith("tcp://")]
    assert set(named) == {f"tcp://dask-scheduler:{port['port']}"} and len(named) == 2


def test_the_commands_of_dask_are_its_own():
    from distributed.cli import dask_scheduler, dask_worker

    parsers = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    seen = [c["command"] for manifest in manifests() for c in containers(manifest) if c["command"][0] == "dask"]
    assert {command[1] for command in seen} == set(parsers)
    for command in seen:
        parsers[command[1]].make_context(command[1], command[2:])
