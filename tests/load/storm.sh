#!/usr/bin/env bash
# A storm of failures: how many a second, whether every one is counted, what it does to the answers of a healthy route and to memory.
#   tests/load/storm.sh [SECONDS] [CONNECTIONS]      (60 and 32 when not given)
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build src/ProxyGate -c Release -v quiet --nologo
exec python3 tests/load/storm.py "$PWD/src/ProxyGate/bin/Release/net10.0/proxygate" "${1:-60}" "${2:-32}"
