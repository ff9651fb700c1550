#!/usr/bin/env bash
# CPU per request of ProxyGate (diagnosis fully on) against bare YARP and nginx, interleaved in one run.
#   tests/load/healthy.sh [-r ROUNDS] [-d SECONDS] [-w "small post 100k dead"]
# The rig is the project's shared load rig; PERF_RIG names its folder. Listens on loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
rig=$(realpath "${PERF_RIG:-../shared/perf}")
dotnet build src/ProxyGate -c Release -v quiet --nologo
dotnet build tests/load/bare-yarp -c Release -v quiet --nologo
mkdir -p /tmp/proxygate-load
export RUN=/tmp/proxygate-load/run
mkdir -p "$RUN"
bash "$rig/run.sh" "$@" -b nginx \
  "bare-yarp:19010:0:$PWD/tests/load/bare-yarp/bin/Release/net10.0/bare-yarp 19010" \
  "proxygate:19011:0:$PWD/src/ProxyGate/bin/Release/net10.0/proxygate run --config $PWD/tests/load/proxygate.json"
