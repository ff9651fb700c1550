#!/usr/bin/env bash
# What idle clients cost: the gateway's memory with 10,000 kept-alive connections on which nothing happens, over HTTP and over TLS.
#   tests/load/memory.sh [--connections N] [--requests N] [--idle SECONDS] [--limit MIB]
# Every connection has had an answer (--requests of them, 1 unless given) before it idles, for 20 s unless --idle says otherwise: the gateway lets idle
# connections rest after 5, and gives memory back when it has been quiet for as long. --limit ends with 1 when the gateway needs more MiB over
# plain HTTP. Another program than the built one, natively compiled or not: PROXYGATE_PROGRAM. Needs two descriptors a connection (ulimit -n) and openssl. Loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${PROXYGATE_PROGRAM:-}
if [ -z "$program" ]; then
  dotnet build src/ProxyGate -c Release -v quiet --nologo
  program=$PWD/src/ProxyGate/bin/Release/net10.0/proxygate
fi
exec python3 tests/load/memory.py "$program" "$@"
