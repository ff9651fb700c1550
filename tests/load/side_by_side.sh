#!/usr/bin/env bash
# The same faults through ProxyGate, nginx, HAProxy and Caddy, one after the other, and one table of what the clients saw.
#   tests/load/side_by_side.sh [SECONDS] [REQUESTS_A_SECOND] [PROXY…]     (30 and 400 when not given; all that are installed)
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build src/ProxyGate -c Release -v quiet --nologo
exec python3 tests/load/side_by_side.py "$PWD/src/ProxyGate/bin/Release/net10.0/proxygate" "${1:-30}" "${2:-400}" "${@:3}"
