#!/usr/bin/env bash
# The configuration changes every 200 ms under load, for minutes: no request may be lost, none may get the other route's answer.
#   tests/load/reload.sh [changes, 3000 unless given: ten minutes]
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build tests/ProxyGate.EndToEnd.Tests -c Release -v quiet --nologo
PROXYGATE_RELOADS="${1:-3000}" tests/ProxyGate.EndToEnd.Tests/bin/Release/net10.0/ProxyGate.EndToEnd.Tests -noColor \
  -class ProxyGate.EndToEnd.Tests.Traffic.ReloadTests
