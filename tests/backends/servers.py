"""The engines beside DuckDB: a PostgreSQL server and a Spark session of our own, on loopback, gone with the tests."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")  # who runs the server where the tests run as root, which PostgreSQL refuses
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "jit=off", "log_min_messages=fatal")

KEEPER = """
"$0" -D data -w -l log -o "$1" start > started && echo ready
cat > /dev/null
"$0" -D data -m immediate -w stop > stopped
rm -rf "$PWD"
"""  # holds the server until its input closes, which it does however the tests end, and leaves nothing
QUICK = {  # tables are small and queries many: planning and compiling are what takes time
    "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}  # fmt: skip


class NotHere(Exception):
    """An engine cannot be had on this machine; the text says what to install."""


@contextmanager
def postgres() -> Iterator[Any]:
    """Yield an Ibis connection to a new PostgreSQL server with an empty data folder. Raises `NotHere`.

    The server listens on 127.0.0.1 alone, under a password made for it, and is stopped and its folder removed afterwards.
    """
    ibis = _ibis_with("psycopg", "postgres")
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="workbook-postgres-"))
    try:
        who = _unprivileged(folder)
        password = _init(programs, folder, who)
        port = _free_port()
        options = " ".join(f"-c {option}" for option in (*FAST, "listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}"))
        keeper = subprocess.Popen(["sh", "-c", KEEPER, str(programs / "pg_ctl"), options], cwd=folder, start_new_session=True, text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, **who)  # fmt: skip
        assert keeper.stdin is not None and keeper.stdout is not None
        try:
            if keeper.stdout.readline().strip() != "ready":
                raise RuntimeError("the PostgreSQL server did not start: " + (folder / "log").read_text(encoding="utf-8", errors="replace"))
            database = ibis.postgres.connect(host="127.0.0.1", port=port, user="workbook", password=password, database="postgres")
            yield database
            database.disconnect()
        finally:
            keeper.stdin.close()
            keeper.wait()
            keeper.stdout.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def spark() -> Iterator[Any]:
    """Yield an Ibis connection to Spark in local mode. Raises `NotHere`."""
    ibis = _ibis_with("pyspark", "spark")
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise NotHere("Spark needs Java 17: Debian's openjdk-17-jre-headless")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="workbook-spark-") as folder:
        settings = {
            "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.showConsoleProgress": "false", "spark.sql.session.timeZone": "UTC",
            "spark.local.dir": folder, "spark.sql.warehouse.dir": f"{folder}/warehouse", **QUICK,
        }  # fmt: skip
        builder = SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        try:
            yield ibis.pyspark.connect(session)
        finally:
            session.stop()


def _ibis_with(module: str, extra: str) -> Any:
    try:
        __import__(module)
    except ImportError:
        raise NotHere(f"the extra [{extra}] is not installed") from None
    import ibis

    return ibis


def _postgres_programs() -> Path:
    """Return the folder of the server's programs: Debian keeps them off the PATH, one folder per version."""
    found = [Path(path).resolve().parent for path in (shutil.which("postgres"), shutil.which("pg_ctl")) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.partition(".")[0]), reverse=True)
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise NotHere("no PostgreSQL server is installed: Debian's package postgresql")


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return as whom to start the server's programs, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next((known[name] for name in UNPRIVILEGED if name in known), None)
    if entry is None:
        raise NotHere("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _init(programs: Path, folder: Path, who: dict[str, Any]) -> str:
    """Make the data folder and return the password. Texts sort by language rules there, as on most servers, not by bytes."""
    password, kept = secrets.token_urlsafe(24), folder / "password"
    kept.touch(mode=0o600)
    kept.write_text(password, encoding="utf-8")
    if who:
        os.chown(kept, who["user"], who["group"])
    asked = ["-D", folder / "data", "-U", "workbook", "-A", "scram-sha-256", "--pwfile", kept, "-E", "UTF8", "--no-sync"]
    asked += ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"]
    subprocess.run([programs / "initdb", *asked], check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)
    kept.unlink()
    return password


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
