#!/usr/bin/env bash
# run-suites.sh TESTS [LANES] - runs all tests of the program TESTS, LANES processes at once.
#
# First the targets without ranks, then the suites that start programs. Those wait most of the time:
# one after the other they take three times as long. What a process says follows in one piece when
# it ends; what failed is named once more at the end.
set -euo pipefail
tests=$1 lanes=${2:-5}

# These take longest, so they begin first.
longest="FurrowRunsTests FurrowCommandsTests FurrowSweepsTests SlurmLimits SweepResume NewPackages
SlurmPreemption SlurmLosses LostRanks Torture SlurmScripts SweepFaults Resume Agreement Hosts IsolatedJobs
ReportPages Faults PowerFailure TinyJobs Readme SlurmDevices SweepOptions Schedules Coding
DispatcherAtScaleTests Benchmark Speculation Preparation Crashes Sweeps SweepLogs Application Failures
Examples RunDirectoryFaults Deafness SlurmSubmissions SweepInput TypedRuns Observed"

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Runs the tests whose names begin so.
run() {
	local name=${1//\//.} log status=0
	log=$logs/$name
	{ time "$tests" --testing-library swift-testing --no-parallel --filter "^$1" </dev/null; } \
		>"$log" 2>&1 || status=$?
	cat "$log"
	[ $status = 0 ] && return
	{ grep -E '✘|Fatal error' "$log" || :; echo "$1 ended with status $status"; } >"$logs/failed.$name"
	return 1
}
export -f run
export tests logs TIMEFORMAT="in %R s, with %U s of the processors and %S s of the system's"

# The names that are read, each once.
longest_first() {
	local all name
	all=$(sort -u)
	{ for name in $longest; do grep -E "(^|[./])${name}[./]$" <<<"$all" || :; done; echo "$all"; } |
		awk '!seen[$0]++'
}

# A test's name is Target.Suite/test(), with the suites around its own.
"$tests" --testing-library swift-testing --list-tests >"$logs/all"
{
	grep -v '^RankTests\.' "$logs/all" | sed 's/\..*/./' | longest_first
	grep '^RankTests\.' "$logs/all" | sed 's,/[^/]*$,/,' | longest_first
} | xargs -P "$lanes" -I{} bash -c 'run {}' || status=$?

count=$(grep -rhoE --exclude='failed.*' 'Test run with [0-9]+ tests?' "$logs" | awk '{ n += $4 } END { print n }')
echo "$count of $(wc -l <"$logs/all") tests were run in $SECONDS s"
if compgen -G "$logs/failed.*" >/dev/null; then
	cat "$logs"/failed.*
fi
[ "${status:-0}" = 0 ]
