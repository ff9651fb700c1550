#!/usr/bin/env bash
# The reader of upstream answers against random and damaged bytes, held to a strict second reader; what fails is shown with its seed, made small.
#   tests/load/fuzz.sh [SECONDS]      (60 when not given, each of three fuzzers)
#   PROXYGATE_FUZZ_SEED=N tests/load/fuzz.sh      repeats one case
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
case $seconds in ''|*[!0-9]*) echo "usage: tests/load/fuzz.sh [SECONDS]" >&2; exit 2 ;; esac
project=tests/ProxyGate.Gateway.Tests
dotnet build "$project" -c Release -v quiet --nologo
PROXYGATE_FUZZ_SECONDS=$seconds "$project/bin/Release/net10.0/ProxyGate.Gateway.Tests" -namespace ProxyGate.Gateway.Tests.Wire -showLiveOutput
