"""Servers of PostgreSQL of a test's own, which it may stop, restart and copy."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = Path(max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default="/none")).parent
IS_INSTALLED = PROGRAMS.is_dir()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """A server of PostgreSQL on a free port, with its rows in a folder that goes with it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._folder = folder
        self._data = folder / f"data-{self.port}"

    def create(self) -> None:
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--no-sync", "--username=postgres")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
            "-c fsync=off -c wal_level=replica -c hot_standby=on"
        )
        log = f"--log={self._folder}/log"
        self._run("pg_ctl", "--wait", "start", log, f"--options={options}")

    @property
    def is_running(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; all its connections are cut."""
        self._run("pg_ctl", "--wait", "stop", f"--mode={mode}")

    @contextmanager
    def standby(self) -> Iterator["Cluster"]:
        """Start a server that copies all that is committed on this one, and may be read."""
        replica = Cluster(self._folder)
        source = ["--host=127.0.0.1", f"--port={self.port}", "--username=postgres"]
        copied = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        replica._run("pg_basebackup", *source, *copied)
        replica.start()
        try:
            yield replica
        finally:
            replica.stop("immediate")

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root, and asks where it was started from.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(PROGRAMS / program), f"--pgdata={self._data}", *arguments]
        with (self._folder / "output").open("a+") as output:
            done = subprocess.run(
                command, cwd=self._folder, stdout=output, stderr=output, check=False
            )
        assert done.returncode == 0, (self._folder / "output").read_text()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server of PostgreSQL; it is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="trendsite-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(folder)
    try:
        made.create()
        made.start()
        yield made
    finally:
        if made.is_running:
            made.stop("immediate")
        shutil.rmtree(folder)
