#!/bin/sh
# Makes .venv-security and installs the locked security linters into it. They have an environment of their own because
# semgrep pins versions of packages that Vela needs newer. Run after tools/set_up.sh, whose installer it uses.
set -eu
cd "$(dirname "$0")/.."
lock=requirements-security.lock
venv=.venv-security

echo "Installing $lock"
.venv/bin/python -m venv --clear $venv
if ! .venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r $lock; then
    echo "uv could not install it; trying pip, which takes a minute" >&2
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $lock
fi
