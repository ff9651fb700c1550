#!/usr/bin/env bash
# Apps that are killed, that close their connections, that are all down at once, and that can do no more, under load; prints what the visitors saw.
#   tests/load/resilience.sh [SECONDS] [REQUESTS_A_SECOND]     (60 and 2000 when not given)
# In 60 s the closing app gets 100,000 requests and the outage lasts for 30 s, at 5,000 requests a second; other times in proportion. The
# overload is that of an app that can do about 400 requests a second, with a queue and without. What is measured is the published program, warm;
# beside each figure stands what the gateway, the load and the apps took of the machine: where that is all there is, the figure is the machine's.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
rate=${2:-2000}
case $seconds$rate in *[!0-9]*) echo "usage: tests/load/resilience.sh [SECONDS] [REQUESTS_A_SECOND]" >&2; exit 2 ;; esac
closes=$((seconds * 100000 / 60)) outage=$((seconds > 4 ? seconds / 2 : 2))
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet publish src/ProxyGate -c Release -o "$folder" -v quiet --nologo
project=tests/ProxyGate.EndToEnd.Tests
dotnet build "$project" -c Release -v quiet --nologo
run() { "$project/bin/Release/net10.0/ProxyGate.EndToEnd.Tests" -class "ProxyGate.EndToEnd.Tests.Resilience.$1" -explicit on -showLiveOutput || failed=1; }
failed=0
export PROXYGATE_PROGRAM=$folder/proxygate PROXYGATE_KILLS_SECONDS=$seconds PROXYGATE_KILLS_RATE=$rate PROXYGATE_CLOSES_REQUESTS=$closes PROXYGATE_OUTAGE_SECONDS=$outage PROXYGATE_OUTAGE_RATE=5000 PROXYGATE_OVERLOAD_SECONDS=10
# One after the other: each needs the machine for itself.
for class in KilledAppsRun ClosingAppTests OutageRun OverloadRun; do run "$class"; done
exit $failed
