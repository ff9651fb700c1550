using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The address: what was configured is not where the app is.</summary>
internal static class AddressRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["wrong_port"] = new(
            s =>
            [
                Step($"Which ports does the app use{(s.Destination.IsLoopback ? "" : $" on {Seen.Short(s.Ip)}")}?"),
                "ss -ltnp",
                Step("In Docker, the port inside the container (on the right of ->) counts for other containers, the published one (on the left) for everyone else:"),
                "docker ps --format 'table {{.Names}}\\t{{.Ports}}'",
                .. s.App.Service is null ? [] : new[] { Step("In Kubernetes:"), $"{s.App.Kubectl} get service {s.App.Service} -o wide" },
            ],
            s => ChangeAddress(s, "to the port the app uses")),
        ["app_bound_to_loopback"] = new(
            s => [.. Checks.Listener(s), Step("127.0.0.1 or [::1] there means: only this machine or container can reach it. 0.0.0.0, * or [::] means all can.")],
            s =>
            [
                Step($"Let the app listen on all addresses, 0.0.0.0:{Checks.Port(s)}, and restart it. Usual places: --host 0.0.0.0 (uvicorn, vite), HOST=0.0.0.0 (many Node apps), -b 0.0.0.0:{Checks.Port(s)} (gunicorn), ASPNETCORE_URLS=http://*:{Checks.Port(s)} (.NET)."),
                Step("Then a firewall should keep strangers from that port."),
            ]),
        ["localhost_in_container"] = new(
            s =>
            [
                Step("Does ProxyGate run in a container? Then this file exists, or the second line prints something:"),
                "ls /.dockerenv",
                "printenv KUBERNETES_SERVICE_HOST",
                .. Checks.Listener(s),
            ],
            s => ChangeAddress(s, $"to the app's service name, for instance {Scheme(s)}://app:{Checks.Port(s)}; for an app on the Docker machine itself use {Scheme(s)}://host.docker.internal:{Checks.Port(s)} and start ProxyGate with --add-host host.docker.internal:host-gateway")),
        ["localhost_ipv6"] = new(
            s => [Checks.Resolve(s), $"ss -ltn 'sport = :{Checks.Port(s)}'", $"nc -zv -w 5 127.0.0.1 {Checks.Port(s)}", $"nc -zv -w 5 ::1 {Checks.Port(s)}"],
            s =>
            [
                .. ChangeAddress(s, $"to the address that accepts connections, {Accepting(s)}"),
                Step("Or let the app listen on both, for instance on [::] instead of 127.0.0.1."),
            ]),
        ["no_ipv6"] = new(
            s => [Checks.Resolve(s), "ip -6 route show default", "ip -6 -br addr"],
            s => ChangeAddress(s, "to a name or address with IPv4, or give this machine (in Docker: its network) IPv6")),
        ["wrong_socket_path"] = new(
            s => [Step("Which sockets are listened on, and by which program?"), "ss -lxp", .. s.Destination.SocketPath is null ? [] : Checks.Listener(s)],
            s => ChangeAddress(s, "to the path of the app's socket")),
        ["socket_permissions"] = new(
            s => [Step("Owner and rights of every folder on the way, and ProxyGate's own user and groups:"), $"namei -l {Shell.Operand(s.Destination.SocketPath ?? "/run")}", "ps -o user,group,supgrp -C proxygate"],
            s =>
            [
                Step("Best, let the app make the socket for ProxyGate's group (php-fpm: listen.group and listen.mode = 0660, gunicorn: --umask 007, systemd: SocketGroup= and SocketMode=0660)."),
                Step("Or put ProxyGate's user into the socket's group."),
                Change("adds the user proxygate to the socket's group, and takes effect when ProxyGate is started anew"),
                $"usermod -aG \"$(stat -c %G {Shell.Operand(s.Destination.SocketPath ?? "/run/APP.sock")})\" proxygate",
            ]),
        ["socket_not_shared"] = new(
            s =>
            [
                Step("Do both sides see the same file? Once here, once where the app runs:"),
                $"ls -l {Shell.Operand(s.Destination.SocketPath ?? "/run/APP.sock")}",
                $"systemctl show {s.App.UnitName} -p PrivateTmp -p RuntimeDirectory",
                "docker inspect --format '{{range .Mounts}}{{.Source}} -> {{.Destination}}{{\"\\n\"}}{{end}}' " + s.App.ContainerName,
            ],
            s =>
            [
                Step("Let the socket be in a folder both share: under /run instead of /tmp for services, a common volume for containers."),
                .. ChangeAddress(s, "to that path"),
            ]),
        ["loop"] = new(
            s => [Step("Which addresses does ProxyGate listen on? One of them is, directly or through another proxy, the destination's address."), "ss -ltnp | grep -F proxygate", .. s.Attempt is null || s.Destination.IsLiteral ? [] : new[] { Checks.Resolve(s) }],
            s => ChangeAddress(s, "to the app's own address and port")),
        ["address_not_allowed"] = new(
            s => [Step("Is this the app's address?"), .. Checks.Name(s)],
            s => [Step("If it is, add its network to the allowed ones in the configuration. If it is not, find out who changed the name: until then ProxyGate is right to refuse."), CheckConfig(s)]),
    };

    private static string Accepting(Seen s) => s.Attempt?.AddressesTried.FirstOrDefault(t => t.Connected)?.Address is { } good
        ? $"{Scheme(s)}://{Seen.Short(good)}"
        : $"{Scheme(s)}://127.0.0.1:{Checks.Port(s)} or {Scheme(s)}://[::1]:{Checks.Port(s)}";
}
