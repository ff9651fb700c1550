#!/usr/bin/env bash
# Records which way the gateway's code goes under the loads of compare.sh, for the compiler of its native form: src/ProxyGate/proxygate.mibc.
#   tests/load/profile.sh [SECONDS OF EACH LOAD]
# The native form is compiled before it runs, so it knows only from this file which branches are usual and which type is behind an interface. A file that
# no longer fits costs speed and nothing else: methods that have gone are passed over. Renew it when the request path has changed much.
# Needs what compare.sh needs. Four minutes; the program is ten times slower than usual, because every method counts. Listens on loopback only.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Without code made at run time, as in the native form: the same branches are taken.
dotnet publish src/ProxyGate -c Release -p:PublishReadyToRun=false -p:DynamicCodeSupport=false -o "$folder/program" -v quiet --nologo
dotnet build tests/load/profile -c Release -v quiet --nologo
# Every method, the framework's as well, is compiled to count from its first call, and stays so. Numbers are hexadecimal.
export DOTNET_ReadyToRun=0 DOTNET_TieredPGO=1 DOTNET_TieredPGO_InstrumentOnlyHotCode=0 DOTNET_TC_CallCounting=0 DOTNET_TC_OnStackReplacement_InitialCounter=7FFFFFFF
# The widest vectors that the native form is compiled for.
export DOTNET_EnableAVX512=0
# Loader, JIT, types, details of methods, and the counts when the program ends.
export DOTNET_EnableEventPipe=1 DOTNET_EventPipeConfig=Microsoft-Windows-DotNETRuntime:0x1C000080018:5 DOTNET_EventPipeOutputPath=$folder/trace.nettrace
python3 tests/load/compare.py "$folder/program/proxygate" --rows "small tls1 post 100k 10m tlsh2 rate4000 dead" --alone --rounds 1 --seconds "${1:-8}" --warm 0
env -u DOTNET_EnableEventPipe -u DOTNET_ReadyToRun tests/load/profile/bin/Release/net10.0/profile "$folder/trace.nettrace" src/ProxyGate/proxygate.mibc
