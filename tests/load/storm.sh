#!/usr/bin/env bash
# A storm of failures: whether every one is counted and found, what it does to the answers of a healthy route and to memory.
#   tests/load/storm.sh [SECONDS] [RATE] [CONNECTIONS]      (60, 20000 a second and 64 when not given)
# Needs nginx and h2load (Debian: nginx, nghttp2-client).
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build src/ProxyGate -c Release -v quiet --nologo
exec python3 tests/load/storm.py "$PWD/src/ProxyGate/bin/Release/net10.0/proxygate" "${1:-60}" "${2:-20000}" "${3:-64}"
