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
    # A loaded machine can starve a test with real processes. What failed runs once more, alone, and is named: a test
    # that only passes then is a fault to mend, not a pass to be proud of. What fails twice has failed.
    again() {
        cache=$1; shift
        echo "== what failed, once more"
        "$PY" -m pytest -o cache_dir="$cache" --last-failed --last-failed-no-failures none "$@" || return 1
        echo "-- passed only at the second try, see the first summary above"
    }
    if [ $# -gt 0 ]; then
        echo "== pytest"
        "$PY" -m pytest "$@" || again .pytest_cache "$@" || exit 1
    else
        # Two halves side by side, each with a PostgreSQL and a Valkey of its own: those that drive real processes and
        # browsers mostly wait, the others mostly count.
        processes="attack calls colleagues deploy e2e faults monitoring realtime setup"
        paths="" ignored=""
        for name in $processes; do
            [ -d "tests/$name" ] || continue
            paths="$paths tests/$name" ignored="$ignored --ignore=tests/$name"
        done
        log=$(mktemp)
        echo "== pytest: real processes and browsers, beside the rest; their report follows it"
        # shellcheck disable=SC2086
        "$PY" -m pytest -o cache_dir=.pytest_cache/processes $paths >"$log" 2>&1 &
        beside=$!
        # shellcheck disable=SC2086
        "$PY" -m pytest -o cache_dir=.pytest_cache/rest $ignored; rest=$?
        wait $beside; processes_outcome=$?
        echo "== pytest: real processes and browsers"
        cat "$log"; rm -f "$log"
        # shellcheck disable=SC2086
        [ $rest -eq 0 ] || again .pytest_cache/rest $ignored || failed="$failed pytest,"
        # shellcheck disable=SC2086
        [ $processes_outcome -eq 0 ] || again .pytest_cache/processes $paths || failed="$failed pytest of processes,"
    fi
fi
[ -z "$failed" ] || { echo "Failed:${failed%,}" >&2; exit 1; }
