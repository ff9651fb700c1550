#!/usr/bin/env bash
# Faults switching on and off under steady traffic: memory, handles and threads must stay flat, and every failed request must have its event.
#   tests/load/soak.sh [MINUTES]      (10 when not given)
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:-10}
case $minutes in ''|*[!0-9]*) echo "usage: tests/load/soak.sh [MINUTES]" >&2; exit 2 ;; esac
project=tests/ProxyGate.EndToEnd.Tests
dotnet build "$project" -c Release -v quiet --nologo
PROXYGATE_SOAK_SECONDS=$((minutes * 60)) \
  "$project/bin/Release/net10.0/ProxyGate.EndToEnd.Tests" -class ProxyGate.EndToEnd.Tests.Matrix.SoakTests -showLiveOutput
