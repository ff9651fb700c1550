#!/usr/bin/env bash
# Whether anything grows: ten million requests on the healthy path, then an outage of ten minutes at full load.
#   tests/load/endurance.sh [--requests N] [--outage SECONDS] [--every SECONDS] [--connections N] [--grow MIB] [--handles N] [--threads N]
# Every 30 s it prints memory (RSS, and the managed heap from /metrics), open handles and threads. What counts is the difference between a sample
# after the warm-up (a tenth of each part) and the last one, when the load is over: more than --grow MiB of RSS (32), --handles (50) or --threads (20)
# in either part ends with 1. Needs nginx and wrk. Loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build src/ProxyGate -c Release -v quiet --nologo
exec python3 tests/load/endurance.py "$PWD/src/ProxyGate/bin/Release/net10.0/proxygate" "$@"
