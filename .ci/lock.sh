#!/bin/sh
# Pins all dependencies of pyproject.toml with hashes, for every platform and Python from 3.11 on. Registry addresses
# are left out on purpose: whoever installs uses the registry that pip is set up for.
# Usage: .ci/lock.sh [--upgrade]     Without --upgrade the versions that stand in requirements/dev.txt are kept.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
tool=var/lock-tool
[ -x $tool/bin/uv ] || { "$python" -m venv $tool && $tool/bin/python -m pip install --quiet uv; }
export UV_PYTHON_DOWNLOADS=never
compile="$tool/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url
    --no-emit-find-links --no-header --no-annotate"
$compile "$@" --extra local --extra dev pyproject.toml -o requirements/dev.txt
$compile --extra local -c requirements/dev.txt pyproject.toml -o requirements/local.txt
$compile -c requirements/dev.txt pyproject.toml -o requirements/production.txt
