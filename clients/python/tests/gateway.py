import os
import re
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).resolve().parents[3]

CHAT = "simulator/simulated-chat"
SLOW = f"{CHAT}?latency=60000"
ENDLESS = f"{CHAT}?tokens-per-second=20&output-tokens=100000"
"""A stream of more than an hour."""

START_SECONDS = 30


@dataclass(frozen=True)
class Gateway:
    """A real gateway on a free port, with the built-in simulator behind it."""

    url: str
    key: str
    process: subprocess.Popen[str]

    def stop(self, seconds: float) -> None:
        """Has it end as at a deployment: it waits for the calls under way. Raises where that takes longer."""
        self.process.terminate()
        self.process.wait(seconds)


@contextmanager
def start_gateway(data: Path) -> Iterator[Gateway]:
    url = f"http://127.0.0.1:{_free_port()}"
    output = data / "stdout"
    with output.open("w") as stdout, (data / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            ["node_modules/.bin/node", "server/main.ts"],
            cwd=ROOT,
            env=_environment(url, data),
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
    try:
        _wait_until_ready(url, process)
        key = re.search(r"sk-sluice-[\w-]+", output.read_text())
        assert key is not None
        yield Gateway(url, key.group(), process)
    finally:
        process.kill()
        process.wait()


def _environment(url: str, data: Path) -> dict[str, str]:
    """No provider's key may be in it, or the simulator would not answer."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "SLUICE_LISTEN": url.removeprefix("http://"), "SLUICE_DATA": str(data / "data")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[str]) -> None:
    end = monotonic() + START_SECONDS
    while monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=1).close()
        except (urllib.error.URLError, OSError):
            sleep(0.05)
        else:
            return
    raise AssertionError("the gateway did not get ready")
