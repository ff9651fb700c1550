#!/usr/bin/env bash
# Passes every test: installs the Debian packages that are missing (as root), builds, and runs every suite.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing failed (and, with CI=true, nothing skipped).
set -uo pipefail
cd "$(dirname "$0")"

say() { printf '== %s\n' "$*"; }
stop() { printf 'test.sh: %s\n' "$*" >&2; exit 1; }

command -v dotnet >/dev/null || stop 'the .NET 10 SDK is needed (dotnet is not on the PATH)'

# command or file to look for, and the Debian package that brings it
needs=(
  "nginx nginx-light" "haproxy haproxy" "apache2 apache2-bin" "redis-server redis-server" "/usr/lib/postgresql postgresql"
  "sshd openssh-server" "chromium chromium" "h2load nghttp2-client" "curl curl" "ip iproute2" "nft nftables"
  "node nodejs" "npm npm" "openssl openssl" "python3 python3-minimal" "gunicorn gunicorn"
  "gcc gcc" "objcopy binutils" "/usr/include/stdio.h libc6-dev"
)
missing=()
export PATH="$PATH:/usr/sbin:/sbin"
for need in "${needs[@]}"; do
  read -r what package <<<"$need"
  if [[ $what == /* ]]; then [[ -e $what ]] || missing+=("$package"); else command -v "$what" >/dev/null || missing+=("$package"); fi
done
if ((${#missing[@]})); then
  [[ $(id -u) == 0 ]] || stop "these Debian packages are missing and only root can install them: ${missing[*]}"
  say "installing ${missing[*]}"
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    stop "could not install: ${missing[*]}"
  fi
fi

# The accessibility checker that runs in the browser tests; its lock file names version and hash, the machine's npm says where from.
say 'installing what the browser tests need'
log=$(mktemp)
(cd tests/ProxyGate.EndToEnd.Tests/Browser && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 || { tail -n 30 "$log" >&2; stop 'npm ci failed in tests/ProxyGate.EndToEnd.Tests/Browser'; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
configuration=Release
say 'restoring and building'
dotnet build ProxyGate.sln -c "$configuration" -v quiet --nologo || stop 'the build failed'
say 'checking the format'
dotnet format ProxyGate.sln --verify-no-changes --no-restore || stop 'dotnet format would change files (run: dotnet format)'

passed=0 failed=0 skipped=0
failures=$(mktemp) # said once more at the end: where only the last lines of a long output are kept, they are what somebody needs
shopt -s nullglob
run() { # NAME PROGRAM ARGUMENT...: runs a suite and counts its tests
  local name=$1 program=$2 output code summary bad skip
  shift 2
  output=$(mktemp)
  timeout 2400 "$program" -noColor "$@" 2>&1 | tee "$output"
  code=${PIPESTATUS[0]}
  summary=$(grep -E "^ *$name +Total: " "$output" | tail -n 1)
  if [[ -z $summary ]]; then
    printf 'test.sh: %s ended with code %s and no summary\n' "$name" "$code" | tee -a "$failures" >&2
    failed=$((failed + 1))
    return
  fi
  field() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"$summary"; }
  grep -E -A 24 '\[FAIL\]$' "$output" >>"$failures"
  bad=$(($(field Failed) + $(field Errors)))
  skip=$(field Skipped)
  if ((code != 0 && bad == 0)); then
    printf 'test.sh: %s ended with code %s, though no test failed\n' "$name" "$code" | tee -a "$failures" >&2
    bad=1
  fi
  failed=$((failed + bad))
  skipped=$((skipped + skip))
  passed=$((passed + $(field Total) - $(field Failed) - skip))
}

for project in tests/*.Tests; do
  name=$(basename "$project")
  program="$project/bin/$configuration/net10.0/$name"
  [[ -x $program ]] || stop "$name was not built"
  say "$name"
  run "$name" "$program"
done

say 'forwarding once more, through YARP'
gateway=tests/ProxyGate.Gateway.Tests/bin/$configuration/net10.0/ProxyGate.Gateway.Tests
PROXYGATE_FORWARDER=Yarp run ProxyGate.Gateway.Tests "$gateway" -namespace 'ProxyGate.Gateway.Tests.Forwarding*' -namespace 'ProxyGate.Gateway.Tests.Resilience*'

say 'the natively compiled program: what it answers, writes, stores and shows'
native=$(mktemp -d)
trap 'rm -rf "$native"' EXIT
log=$(mktemp)
dotnet publish src/ProxyGate -c "$configuration" -p:PublishAot=true -o "$native" -v minimal --nologo >"$log" 2>&1 || { tail -n 30 "$log" >&2; stop 'dotnet publish -p:PublishAot=true failed'; }
if grep -F ' warning ' "$log" >&2; then stop 'dotnet publish -p:PublishAot=true warned'; fi
[[ -x $native/proxygate && ! -e $native/proxygate.dll ]] || stop 'dotnet publish -p:PublishAot=true made no native program'
tests=()
for class in Matrix.MatrixTests Matrix.OwnGatewayTests Incidents.StoredIncidentTests Browser.DashboardTests Browser.DashboardAccessTests Browser.ProviderSignInTests \
  RealClients.OperationTests Traffic.ReloadTests Traffic.SwapTests Traffic.DrainTests Traffic.HealthTests Commands.DiagnoseCommandTests Commands.ExplainCommandTests Commands.EventsCommandTests; do
  tests+=(-class "ProxyGate.EndToEnd.Tests.$class")
done
PROXYGATE_PROGRAM=$native/proxygate run ProxyGate.EndToEnd.Tests "tests/ProxyGate.EndToEnd.Tests/bin/$configuration/net10.0/ProxyGate.EndToEnd.Tests" "${tests[@]}"

result=0
((failed == 0 && passed > 0)) || result=1
if [[ ${CI:-} == true && $skipped -gt 0 ]]; then
  printf 'test.sh: CI skips no test\n' >&2
  result=1
fi
if [[ -s $failures ]]; then
  say 'what failed'
  head -n 100 "$failures" | cut -c 1-300
  say 'the names of what failed'
  grep -E '\[FAIL\]$|^test\.sh: ' "$failures" | head -n 50
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit "$result"
