#!/usr/bin/env bash
# Whether a request costs the same however many routes and destinations there are: 10, 1,000 and 10,000 routes; 1, 100 and 1,000 destinations; 10, 100
# and 1,000 of which one refuses.
#   tests/load/scale.sh [--rounds N] [--seconds N] [--warm N] [--kinds "routes destinations down"] [--limit 1.15]
# CPU per request from the kernel's accounting, as a multiple of the smallest of its kind in the same round. --limit ends with 1 when a median of the
# gateway's is above it. The smallest stands there twice: what the two differ by is the machine's noise. nginx stands beside it, with the same routes and
# destinations. Measured is the natively compiled program, the form for production (another one: PROXYGATE_PROGRAM). Needs nginx and wrk. Loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/load/native.sh
python3 tests/load/scale.py "$program" "$@"
