"""The floor under the site's pages: nginx, with files of the very sizes that the pages have."""

import grp
import os
import pwd
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from appliance.bench.processes import cpu_ms, resident_mb
from appliance.web import front

_SETTINGS = """\
daemon off;
user {user};
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
    }}
}}
"""


class StaticPeer:
    """nginx on a port of its own, its files below ``folder``. A context manager."""

    def __init__(self, folder: Path, port: int) -> None:
        """Serve nothing yet."""
        self._folder, self.port = folder, port
        self._files = folder / "files"
        self._files.mkdir(parents=True)

    def __enter__(self) -> Self:
        """Start it."""
        user = f"{pwd.getpwuid(os.geteuid()).pw_name} {grp.getgrgid(os.getegid()).gr_name}"
        settings = self._folder / "nginx.conf"
        settings.write_text(_SETTINGS.format(user=user, folder=self._folder, port=self.port), encoding="utf-8")
        with (self._folder / "log").open("ab") as words:
            self._process = subprocess.Popen(front.command(settings), stdout=words, stderr=words)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _it: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def resident_mb(self) -> float:
        """Return its resident memory, in megabytes."""
        return resident_mb(self._process.pid)

    def cpu_ms(self) -> float:
        """Return the processor time that it has taken, in milliseconds."""
        return cpu_ms(self._process.pid)

    def path(self, size: int) -> str:
        """Return the path of a file of ``size`` bytes, made if it is not there yet."""
        (self._files / f"{size}").touch()
        os.truncate(self._files / f"{size}", size)
        return f"/{size}"
