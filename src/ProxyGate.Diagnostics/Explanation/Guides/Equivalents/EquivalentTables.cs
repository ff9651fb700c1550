namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>What other systems say, by cause.</summary>
internal static class EquivalentTables
{
    /// <summary>The systems people come from most often first; a guide lists its equivalents in this order.</summary>
    public static readonly IReadOnlyList<SystemSayings> All =
    [
        NginxSayings.Connecting, NginxSayings.Handshaking, NginxSayings.Exchange,
        HAProxySayings.States, HAProxySayings.Errors,
        EnvoySayings.Flags, EnvoySayings.Details,
        BalancerSayings.Alb,
        CloudflareSayings.Codes,
        BalancerSayings.Google, BalancerSayings.Azure,
        GoSayings.Traefik, GoSayings.Caddy, GoSayings.Go,
        HttpdSayings.Proxy,
        PlatformSayings.Heroku, PlatformSayings.Kubernetes, PlatformSayings.Gorouter, PlatformSayings.Tunnels, PlatformSayings.Fly, PlatformSayings.Vercel,
        OtherProxySayings.Linkerd, OtherProxySayings.Kong, OtherProxySayings.Squid, OtherProxySayings.Varnish, OtherProxySayings.Iis,
        HttpdSayings.Php, HttpdSayings.Gunicorn,
        DotNetSayings.Yarp, DotNetSayings.Client,
        SystemErrorSayings.Errno, SystemErrorSayings.Kernel, SystemErrorSayings.Windows,
        ClientSayings.Curl, ClientSayings.Browsers, ClientSayings.Node, ClientSayings.Python, ClientSayings.Java,
    ];

    private static readonly ILookup<string, Equivalent> s_byCause =
        (from system in All
         from saying in system.Sayings
         from cause in saying.Causes
         select (cause, equivalent: new Equivalent(system.System, saying.Message, saying.Difference)))
        .ToLookup(e => e.cause, e => e.equivalent);

    /// <summary>Empty for an id that no system has a word for.</summary>
    public static IReadOnlyList<Equivalent> Of(string cause) => [.. s_byCause[cause]];
}
