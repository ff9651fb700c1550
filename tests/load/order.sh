#!/usr/bin/env bash
# Records which methods of the gateway's native form run under the loads of compare.sh, for its compiler to put them side by side: src/ProxyGate/proxygate.order.
#   tests/load/order.sh DIR [SECONDS OF EACH LOAD]
# DIR is where the native form was published to, with its symbols beside it. Sorted by type and name, a request's methods are spread over the whole program, one to
# a page of memory; so sorted, they take half as many. A file that no longer fits costs speed and nothing else: methods that have gone are passed over.
# Needs what compare.sh needs, and perf (Debian's linux-perf). Listens on loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "${1:?DIR}")/proxygate
[ -f "$program.dbg" ] || { echo "$program.dbg: not there; the names of the methods are in it" >&2; exit 2; }
command -v perf > /dev/null || { echo "perf is not installed" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/recorded" <<END
#!/bin/sh
exec perf record -q -F 4000 -o "$folder/samples" -- "$program" "\$@"
END
chmod +x "$folder/recorded"
python3 tests/load/compare.py "$folder/recorded" --rows "small tls1 post 100k tlsh2 dead" --alone --rounds 1 --seconds "${2:-8}" --warm 0
perf script -i "$folder/samples" -F ip,sym,dso 2> "$folder/perf.err" | python3 tests/load/order.py src/ProxyGate/proxygate.order
