#!/usr/bin/env bash
# The same random traffic through our gateway, with either forwarder, and through bare YARP with SocketsHttpHandler: what differs is shown with its seed.
#   tests/load/differential.sh [SECONDS]      (60 when not given, over HTTP/1.1 and HTTP/2 each)
#   PROXYGATE_FUZZ_SEED=N tests/load/differential.sh      repeats one case
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
case $seconds in ''|*[!0-9]*) echo "usage: tests/load/differential.sh [SECONDS]" >&2; exit 2 ;; esac
project=tests/ProxyGate.Gateway.Tests
dotnet build "$project" -c Release -v quiet --nologo
PROXYGATE_FUZZ_SECONDS=$seconds "$project/bin/Release/net10.0/ProxyGate.Gateway.Tests" -namespace ProxyGate.Gateway.Tests.Wire.Differential -showLiveOutput
