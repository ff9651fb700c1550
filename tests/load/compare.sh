#!/usr/bin/env bash
# What a request costs: ProxyGate with its diagnosis on, beside nginx, HAProxy, Caddy and bare YARP, in interleaved rounds of one run.
#   tests/load/compare.sh [--rounds N] [--seconds N] [--rows "small post dead"] [--limit small=1.8,dead=1.2] [--readme]
# The figures are CPU microseconds per request from the kernel's accounting (user and system, with children); a ratio is taken within a round.
# Measured is the natively compiled program, the form for production (another one: PROXYGATE_PROGRAM).
# --limit ends with 1 when a row's median ratio to nginx is above it; --readme writes the table into README.md.
# Needs nginx, wrk and h2load; HAProxy and Caddy are compared where they are installed. Listens on loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/load/native.sh
dotnet build tests/load/bare-yarp -c Release -v quiet --nologo
python3 tests/load/compare.py "$program" --yarp "$PWD/tests/load/bare-yarp/bin/Release/net10.0/bare-yarp" "$@"
