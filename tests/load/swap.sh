#!/usr/bin/env bash
# One process takes over from another on the same socket, again and again under load: no request may be lost.
#   tests/load/swap.sh [swaps, 100 unless given]
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build tests/ProxyGate.EndToEnd.Tests -c Release -v quiet --nologo
PROXYGATE_SWAPS="${1:-100}" tests/ProxyGate.EndToEnd.Tests/bin/Release/net10.0/ProxyGate.EndToEnd.Tests -noColor \
  -class ProxyGate.EndToEnd.Tests.Traffic.SwapTests
