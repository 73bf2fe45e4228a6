#!/bin/sh
# Makes .venv and installs the locked packages and Vela itself into it: tools/set_up.sh requirements.lock
# Every download is checked against the hashes of the lock files. uv does it in seconds; where it cannot run, pip does.
set -eu
cd "$(dirname "$0")/.."
lock=$1
venv=.venv

is_usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

find_python() {
    found=
    for python in python3.13 python3.12 python3.11 python3; do
        is_usable "$python" || continue
        found=$python
        if can_make_venv "$python"; then
            echo "$python"
            return
        fi
    done
    if [ -n "$found" ]; then
        echo "$found cannot make a virtual environment. On Debian or Ubuntu: sudo apt install python3-venv" >&2
    else
        echo "Vela needs Python 3.11 or newer. On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2
    fi
    return 1
}

install_with_uv() {
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock &&
        $venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r "$lock" &&
        $venv/bin/uv pip install --quiet --python $venv/bin/python --no-deps --no-build-isolation --editable .
}

install_with_pip() {
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" &&
        $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
}

if ! { is_usable $venv/bin/python && $venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear $venv
fi
echo "Installing $lock"
if ! install_with_uv; then
    echo "uv could not install it; trying pip, which takes a minute or two" >&2
    install_with_pip
fi
