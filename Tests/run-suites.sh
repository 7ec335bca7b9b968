#!/usr/bin/env bash
# run-suites.sh TESTS [LANES] - runs all tests of the program TESTS, LANES processes at once.
#
# First the targets without ranks, then the suites that start programs. Those wait most of the time:
# one after the other they take three times as long. What a process says follows in one piece when
# it ends; what failed is named once more at the end.
set -euo pipefail
tests=$1 lanes=${2:-3}

# These take longest, so they begin first.
longest="SlurmLimits SweepResume SlurmScripts NewPackages SlurmPreemption Agreement LostRanks Hosts
SlurmLosses Torture Resume SlurmDevices SlurmSubmissions SweepFaults ReportPages Faults"

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Runs the tests whose names begin so.
run() {
	local log=$logs/${1//\//.} status=0
	"$tests" --testing-library swift-testing --no-parallel --filter "^$1" >"$log" 2>&1 </dev/null ||
		status=$?
	cat "$log"
	[ $status = 0 ] && return
	{ grep -E '✘|Fatal error' "$log" || :; echo "$1 ended with status $status"; } >"$log.failed"
	return 1
}
export -f run
export tests logs

run_all() { xargs -r -P "$lanes" -I{} bash -c 'run {}' || :; }

"$tests" --testing-library swift-testing --list-tests >"$logs/all"
# A test's name is Target.Suite/test(), with the suites around its own.
grep -v '^RankTests\.' "$logs/all" | sed 's/\..*/./' | sort -u | run_all
suites=$(grep '^RankTests\.' "$logs/all" | sed 's,/[^/]*$,/,' | sort -u)
first=$(for suite in $longest; do grep "[./]$suite/" <<<"$suites"; done)
{ echo "$first"; grep -vxF "$first" <<<"$suites"; } | run_all

passed=$(grep -hoE 'Test run with [0-9]+ tests' "$logs"/* | awk '{ n += $4 } END { print n }')
echo "$passed of $(wc -l <"$logs/all") tests were run in $SECONDS s"
if compgen -G "$logs/*.failed" >/dev/null; then
	cat "$logs"/*.failed
	exit 1
fi
