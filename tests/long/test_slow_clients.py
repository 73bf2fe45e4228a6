"""Two thousand slow connections to each proxy, slow in three ways: everybody else is answered, and it says how soon."""

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import pytest

from tests.test_proxies import NAME, Site, site

__all__ = ["site"]

pytestmark = [
    pytest.mark.skipif(os.environ.get("VELA_PROVE") != "1", reason="long; VELA_PROVE=1, or make prove"),
    pytest.mark.skipif(shutil.which("slowhttptest") is None, reason="needs slowhttptest (apt install slowhttptest)"),
]

CONNECTIONS = int(os.environ.get("VELA_PROVE_SLOW", "2000"))
SECONDS = 30
KINDS = {
    "headers": ["-H"],
    "bodies": ["-B", "-s", "8192"],
    "readers": ["-X", "-w", "1", "-y", "2", "-z", "1", "-n", "5"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_served_meanwhile(site: Site, kind: str, tmp_path: Path) -> None:
    others = replace(site, source="127.0.0.2")  # one address may not have all connections there are
    words = ["slowhttptest", *KINDS[kind], "-c", str(CONNECTIONS), "-r", "400", "-i", "5", "-l", str(SECONDS),
             "-x", "24", "-u", f"https://127.0.0.1:{site.port}/login"]  # fmt: skip
    waits: list[float] = []
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path) as attack:
        time.sleep(5)
        while attack.poll() is None and len(waits) < 2000:
            started = time.perf_counter()
            assert others.ask("/health").status == 200
            waits.append(time.perf_counter() - started)
            time.sleep(0.02)
        attack.terminate()
    assert len(waits) > 1
    worst = quantiles(waits, n=100)[98]
    print(f"{site.kind}, {kind}, {CONNECTIONS} connections to {NAME}: {len(waits)} others, p99 {worst * 1000:.0f} ms")  # noqa: T201
