#!/bin/sh
# Every check, one after the other; all run even when one fails, pytest last so that its summary closes the output.
# Usage: .ci/check.sh [--static | arguments for pytest]
set -u
cd "$(dirname "$0")/.."
PY=${PY:-.venv/bin/python}
failed=""
run() {
    name=$1; shift
    echo "== $name"
    "$@" || { failed="$failed $name,"; echo "-- $name FAILED"; }
}
run "ruff check" "$PY" -m ruff check --quiet .
run "ruff format" "$PY" -m ruff format --quiet --check .
run "mypy" "$PY" -m mypy --no-error-summary
run "layers" .venv/bin/lint-imports --no-logo
run "translations" "$PY" -m direkt1177.translations check
"$PY" -m direkt1177.translations compile || failed="$failed translations,"
if [ "${1:-}" != --static ]; then
    CHROMIUM=$(.ci/chromium.sh) || failed="$failed chromium,"
    TURNSERVER=$(.ci/coturn.sh) || failed="$failed coturn,"
    export CHROMIUM TURNSERVER
    [ -z "$failed" ] || echo "-- failed so far:${failed%,}"
    echo "== pytest"
    # A loaded machine can starve a test with real processes. What failed runs once more, alone, and is named: a test
    # that only passes then is a fault to mend, not a pass to be proud of. What fails twice has failed.
    "$PY" -m pytest "$@" || {
        echo "== what failed, once more"
        "$PY" -m pytest --last-failed --last-failed-no-failures none "$@" || exit 1
        echo "-- passed only at the second try, see the first summary above"
    }
fi
[ -z "$failed" ] || { echo "Failed:${failed%,}" >&2; exit 1; }
