import json
import subprocess
import sys
from pathlib import Path

from gateway import CHAT, Gateway

EXAMPLE = Path(__file__).parents[1] / "examples" / "chat.py"


def run(gateway: Gateway, *arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"SLUICE_URL": gateway.url, "SLUICE_API_KEY": key or gateway.key, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, EXAMPLE, *arguments], env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_the_answer_goes_to_standard_output_and_the_decision_to_standard_error(gateway: Gateway) -> None:
    done = run(gateway, CHAT, "How is the sea?")
    assert done.returncode == 0
    assert "How is the sea?" in done.stdout
    assert json.loads(done.stderr)["requestId"].startswith("req_")


def test_a_failure_is_status_1_and_its_reason(gateway: Gateway) -> None:
    done = run(gateway, CHAT, key="wrong")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("UNAUTHENTICATED: ")


def test_what_is_missing_is_said(gateway: Gateway) -> None:
    done = run(gateway)
    assert done.returncode == 1
    assert "model name" in done.stderr
