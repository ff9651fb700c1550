# To be sourced, in the repository's folder: $program is the program to measure, the natively compiled one unless PROXYGATE_PROGRAM names another.
program=${PROXYGATE_PROGRAM:-}
if [ -z "$program" ]; then
  published=$(mktemp -d)
  trap 'rm -rf "$published"' EXIT
  dotnet publish src/ProxyGate -c Release -p:PublishAot=true -o "$published" -v quiet --nologo
  program=$published/proxygate
fi
