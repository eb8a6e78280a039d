#!/usr/bin/env bash
# Checks the Python client: format, lint, types, tests. Makes .venv where it is missing or out of date. The tests start
# a gateway, so `npm ci` at the root comes first.
set -euo pipefail
cd "$(dirname "$0")"

stamp=.venv/requirements.sha256
wanted=$(cat pyproject.toml requirements-dev.txt | sha256sum)
if [[ ! -f $stamp || $(<"$stamp") != "$wanted" ]]; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt -e .
  echo "$wanted" >"$stamp"
fi

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
.venv/bin/pytest "$@"
