#!/usr/bin/env bash
# From exec to the first 200, of the natively compiled program, the form for production.
#   tests/load/start.sh [--times N] [--form file|to] [--limit MILLISECONDS] [OTHER=PROGRAM…]
# --limit ends with 1 when the median is above it. Other programs (an older version, say) are started in turn with it. Loopback only.
# Another program than that: PROXYGATE_PROGRAM.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/load/native.sh
python3 tests/load/start.py "published=$program" "$@"
