"""How long an answer may take behind the shipped file of Caddy: a page, and a stream of agents."""

import http.server
import os
import shutil
import threading
from pathlib import Path
from typing import ClassVar

import pytest
from typing_extensions import override

from tests.ports import free_port
from tests.test_proxies import NAME, START_SECONDS, Site, caddy, program, received, wait_until_open


class _Endless(http.server.BaseHTTPRequestHandler):
    """Answers that never end: a page as fast as it is read, and to agents a little now and then."""

    cut_off: ClassVar[dict[str, threading.Event]] = {"/": threading.Event(), "/mcp": threading.Event()}
    protocol_version = "HTTP/1.0"

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        is_agent = self.path == "/mcp"
        self.send_response(200)
        self.end_headers()
        try:
            while not self.cut_off[self.path].wait(0.1 if is_agent else 0):
                self.wfile.write(b": ping\n\n" if is_agent else b" " * 65536)
                self.wfile.flush()
        except OSError:
            self.cut_off[self.path].set()


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs caddy (apt install caddy)")
def test_streams_of_agents_outlive_the_deadline_that_cuts_off_who_reads_pages_slowly(tmp_path: Path) -> None:
    port, agents_port, log = free_port(), free_port(), tmp_path / "log"
    behind = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    start = caddy(tmp_path, port, behind.server_port, behind.server_port, agents_port, write="2s", read_body="2s")
    seen = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with behind, program(start, log, env=seen, cwd=tmp_path):
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        for each in (port, agents_port):
            wait_until_open(each, log)
        page, agent = (Site("caddy", each, 0, log, agents_port) for each in (port, agents_port))
        with page.connect() as slow, agent.connect() as stream:
            for connection, path in ((stream, "/mcp"), (slow, "/")):
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            assert _Endless.cut_off["/"].wait(START_SECONDS)  # nobody reads it
            pings = 0
            while pings < 40:  # which takes twice as long as a page may
                told = received(stream)
                assert told, f"cut off after {pings}"
                pings += told.count(b": ping")
            assert not _Endless.cut_off["/mcp"].is_set()
        behind.shutdown()
