#!/bin/sh
# Makes .venv and installs a lock file into it, only when the lock or the Python has changed.
# Usage: .ci/environment.sh local|dev
set -eu
cd "$(dirname "$0")/.."
wanted=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or later is needed; name it with: make PYTHON=python3.11 …" >&2
    exit 1
}
digest() {
    "$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest())' \
        "requirements/$1.txt"
}
installed() {
    [ -x .venv/bin/python ] && [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(digest "$1")" ]
}
# The dev lock holds all that the local one holds, in the same versions.
if installed "$wanted" || installed dev; then exit 0; fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear .venv || {
        echo "Could not make a virtual environment; on Debian: apt install python3-venv" >&2
        exit 1
    }
fi
echo "Installing requirements/$wanted.txt (about a minute, only when it has changed)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "requirements/$wanted.txt"
digest "$wanted" > ".venv/installed-$wanted"
