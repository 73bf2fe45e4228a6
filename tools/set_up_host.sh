#!/bin/sh
# Makes .venv-host and installs the locked SDK of the 1.x line into it, with which a test speaks to the MCP server as many
# hosts still do. It has an environment of its own because Vela needs the 2.x line. Run after tools/set_up.sh.
set -eu
cd "$(dirname "$0")/.."
lock=requirements-host.lock
venv=.venv-host

echo "Installing $lock"
.venv/bin/python -m venv --clear $venv
if ! .venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r $lock; then
    echo "uv could not install it; trying pip, which takes a minute" >&2
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $lock
fi
