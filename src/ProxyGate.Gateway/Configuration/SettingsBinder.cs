using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Turns the checked <c>ProxyGate</c> section into settings. Values that did not pass the check are taken as not given.</summary>
internal static class SettingsBinder
{
    /// <param name="section">The section; absent: defaults.</param>
    /// <param name="baseFolder">Where relative paths begin.</param>
    /// <param name="pages">The pages it names, read and checked, by path.</param>
    public static GatewaySettings Bind(ConfigNode? section, string baseFolder, IReadOnlyDictionary<string, PageTemplate> pages)
    {
        var root = new Section(section, baseFolder);
        var defaults = new GatewaySettings();
        var timeouts = Timeouts(root.Child("Timeouts"), defaults.Timeouts);
        var upstreamTls = UpstreamTls(root.Child("UpstreamTls"), defaults.UpstreamTls);
        var retries = ResilienceBinder.Retries(root.Child("Retries"), defaults.Retries);
        var breaker = ResilienceBinder.CircuitBreaker(root.Child("CircuitBreaker"), defaults.CircuitBreaker);
        var concurrency = ResilienceBinder.Concurrency(root.Child("Concurrency"), defaults.Concurrency);
        return new GatewaySettings
        {
            Listen = root.Strings("Listen") ?? defaults.Listen,
            Certificates = [.. root.Items("Certificates").Select(Certificate)],
            RedirectToHttps = root.Flag("RedirectToHttps", defaults.RedirectToHttps),
            Admin = AdminBinder.Bind(root.Child("Admin")),
            TrustedProxies = root.Strings("TrustedProxies") ?? defaults.TrustedProxies,
            OperatorNetworks = root.Strings("OperatorNetworks") ?? defaults.OperatorNetworks,
            Events = Events(root.Child("Events"), defaults.Events),
            AccessLog = AccessLog(root.Child("AccessLog"), defaults.AccessLog),
            OpenTelemetry = OpenTelemetry(root.Child("OpenTelemetry"), defaults.OpenTelemetry),
            Incidents = Incidents(root.Child("Incidents"), defaults.Incidents),
            Pages = Pages(root.Child("Pages"), defaults.Pages, pages),
            Limits = Limits(root.Child("Limits"), defaults.Limits),
            Timeouts = timeouts,
            UpstreamTls = upstreamTls,
            Forwarder = TrafficBinder.Forwarder(root),
            Transport = TrafficBinder.Transport(root),
            Drain = TrafficBinder.Drain(root.Child("Drain"), defaults.Drain),
            Retries = retries,
            CircuitBreaker = breaker,
            Concurrency = concurrency,
            Overload = ResilienceBinder.Overload(root.Child("Overload"), defaults.Overload),
            Routes = root.Child("Routes").Children().ToDictionary(
                r => r.Name,
                r => new RouteSettings(cluster => Timeouts(r.Section.Child("Timeouts"), cluster)) { Timeouts = Timeouts(r.Section.Child("Timeouts"), timeouts) },
                StringComparer.OrdinalIgnoreCase),
            Clusters = root.Child("Clusters").Children().ToDictionary(
                c => c.Name,
                c => new ClusterSettings
                {
                    Timeouts = Timeouts(c.Section.Child("Timeouts"), timeouts),
                    UpstreamTls = UpstreamTls(c.Section.Child("UpstreamTls"), upstreamTls),
                    Investigate = c.Section.Flag("Investigate", true),
                    Health = TrafficBinder.Health(c.Section.Child("Health")),
                    Weights = TrafficBinder.Weights(c.Section.Child("Weights")),
                    Hash = TrafficBinder.Hash(c.Section.Child("Hash")),
                    Resolve = TrafficBinder.Resolve(c.Section),
                    Retries = ResilienceBinder.Retries(c.Section.Child("Retries"), retries),
                    CircuitBreaker = ResilienceBinder.CircuitBreaker(c.Section.Child("CircuitBreaker"), breaker),
                    Concurrency = ResilienceBinder.Concurrency(c.Section.Child("Concurrency"), concurrency),
                },
                StringComparer.OrdinalIgnoreCase),
        };
    }

    public static CertificateSettings Certificate(Section section) => new()
    {
        Certificate = section.Path("Certificate", "") ?? "",
        Key = section.Path("Key", null),
        Password = section.Text("Password", null),
        Names = section.Strings("Names") ?? [],
    };

    private static PageSettings Pages(Section section, PageSettings defaults, IReadOnlyDictionary<string, PageTemplate> pages) => new()
    {
        Language = (section.Text("Language", null) ?? defaults.Language).ToLowerInvariant(),
        Contact = section.Text("Contact", defaults.Contact) is { Length: > 0 } contact ? contact : null,
        Message = section.Text("Message", defaults.Message) is { Length: > 0 } message ? message : null,
        Templates = [.. section.Items("Templates").Select(t => PageConditions(t, pages[t.Path("File", null)!]))],
    };

    public static PageTemplateSettings PageConditions(Section section, PageTemplate page) => new()
    {
        Route = section.Text("Route", null),
        Cause = section.Text("Cause", null),
        Status = StatusPattern.TryParse(section.Text("Status", null) ?? "", out var status) ? status : null,
        Language = section.Text("Language", null)?.ToLowerInvariant(),
        File = page,
    };

    private static EventSettings Events(Section section, EventSettings defaults) => new()
    {
        File = section.Path("File", defaults.File),
        MaxFileBytes = section.Size("MaxFileBytes", defaults.MaxFileBytes) ?? defaults.MaxFileBytes,
        MaxFiles = section.Whole("MaxFiles", defaults.MaxFiles),
        Console = section.Has("Console") ? section.OptionalFlag("Console") : defaults.Console,
        LinesPerSecond = section.IsNull("LinesPerSecond") ? null : section.Whole("LinesPerSecond", defaults.LinesPerSecond ?? 0),
    };

    private static AccessLogSettings AccessLog(Section section, AccessLogSettings defaults) => new()
    {
        File = section.Path("File", defaults.File),
        Format = (section.Text("Format", null) ?? defaults.Format).ToLowerInvariant(),
        MaxFileBytes = section.Size("MaxFileBytes", defaults.MaxFileBytes) ?? defaults.MaxFileBytes,
        MaxFiles = section.Whole("MaxFiles", defaults.MaxFiles),
    };

    private static OpenTelemetrySettings OpenTelemetry(Section section, OpenTelemetrySettings defaults) => new()
    {
        Endpoint = section.Text("Endpoint", defaults.Endpoint),
        Protocol = (section.Text("Protocol", null) ?? defaults.Protocol).ToLowerInvariant(),
    };

    private static IncidentSettings Incidents(Section section, IncidentSettings defaults) => new()
    {
        Store = (section.Text("Store", null) ?? defaults.Store).ToLowerInvariant(),
        File = section.Path("File", defaults.File) ?? defaults.File,
        ConnectionString = section.Text("ConnectionString", defaults.ConnectionString),
        Gateway = section.Text("Gateway", defaults.Gateway),
        MaxAge = section.Duration("MaxAge", defaults.MaxAge),
        MaxSize = section.Size("MaxSize", defaults.MaxSize) ?? defaults.MaxSize,
        Webhooks = [.. section.Items("Webhooks").Select(Webhook)],
    };

    private static WebhookSettings Webhook(Section section) => new()
    {
        Url = section.Text("Url", null) ?? "",
        Secret = section.Text("Secret", null) ?? "",
        On = section.Strings("On") is { } moments
            ? moments.Aggregate(IncidentMoments.None, (on, m) => Enum.TryParse<IncidentMoments>(m, ignoreCase: true, out var moment) ? on | moment : on)
            : IncidentMoments.All,
    };

    private static LimitSettings Limits(Section section, LimitSettings defaults) => new()
    {
        RequestHeaders = (int)(section.Size("RequestHeaders", defaults.RequestHeaders) ?? defaults.RequestHeaders),
        RequestHeadersTimeout = section.Duration("RequestHeadersTimeout", defaults.RequestHeadersTimeout),
        RequestBody = section.Size("RequestBody", defaults.RequestBody),
        RequestBodyIdle = section.Duration("RequestBodyIdle", defaults.RequestBodyIdle),
        KeepAlive = section.Duration("KeepAlive", defaults.KeepAlive),
        ResponseHeaders = (int)(section.Size("ResponseHeaders", defaults.ResponseHeaders) ?? defaults.ResponseHeaders),
    };

    private static TimeoutSettings Timeouts(Section section, TimeoutSettings defaults) => new()
    {
        Dns = section.Duration("Dns", defaults.Dns),
        Connect = section.Duration("Connect", defaults.Connect),
        Tls = section.Duration("Tls", defaults.Tls),
        Send = section.Duration("Send", defaults.Send),
        FirstByte = section.Duration("FirstByte", defaults.FirstByte),
        Idle = section.Duration("Idle", defaults.Idle),
        Total = section.OptionalDuration("Total", defaults.Total),
        KeepAlive = section.Duration("KeepAlive", defaults.KeepAlive),
    };

    private static UpstreamTlsSettings UpstreamTls(Section section, UpstreamTlsSettings defaults) => new()
    {
        TrustedCaFile = section.Path("TrustedCaFile", defaults.TrustedCaFile),
        Verify = section.Flag("Verify", defaults.Verify),
        ServerName = section.Text("ServerName", defaults.ServerName),
        ClientCertificate = !section.Has("ClientCertificate") ? defaults.ClientCertificate
            : section.IsNull("ClientCertificate") ? null
            : Certificate(section.Child("ClientCertificate")),
    };

    /// <summary>A section of the file, or an absent one. A key that is present wins even when it is null; an absent key leaves the default.</summary>
    internal readonly record struct Section(ConfigNode? Node, string BaseFolder)
    {
        public bool Has(string key) => Node?.Find(key) is not null;

        public bool IsNull(string key) => Node?.Find(key)?.Kind == ConfigNodeKind.Null;

        public Section Child(string key) => new(Node?.Find(key), BaseFolder);

        public IEnumerable<(string Name, Section Section)> Children()
        {
            var folder = BaseFolder;
            return (Node?.Properties ?? []).DistinctBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => (p.Name, new Section(p.Value, folder)));
        }

        public IEnumerable<Section> Items(string key)
        {
            var folder = BaseFolder;
            return (Node?.Find(key)?.Items ?? []).Select(i => new Section(i, folder));
        }

        public string? Text(string key, string? absent) => Node?.Find(key) is { } node ? (node.IsScalar ? node.Text : null) : absent;

        /// <summary>A path, absolute; the default too is taken from the base folder.</summary>
        public string? Path(string key, string? absent) =>
            Text(key, absent) is { Length: > 0 } path ? System.IO.Path.GetFullPath(path, BaseFolder) : null;

        public bool Flag(string key, bool absent) => OptionalFlag(key) ?? absent;

        public bool? OptionalFlag(string key) => bool.TryParse(Text(key, null), out var flag) ? flag : null;

        public int Whole(string key, int absent) =>
            int.TryParse(Text(key, null), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : absent;

        public int? OptionalWhole(string key, int? absent) =>
            !Has(key) ? absent : int.TryParse(Text(key, null), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

        public long? Size(string key, long? absent) =>
            !Has(key) ? absent : ByteSizes.TryParse(Text(key, null) ?? "", out var bytes) ? bytes : null;

        public TimeSpan Duration(string key, TimeSpan absent) => OptionalDuration(key, absent) ?? absent;

        public TimeSpan? OptionalDuration(string key, TimeSpan? absent) =>
            !Has(key) ? absent : Durations.TryParse(Text(key, null) ?? "", out var duration) ? duration : null;

        public IReadOnlyList<string>? Strings(string key) =>
            Node?.Find(key) is { Kind: ConfigNodeKind.List } list ? [.. list.Items.Select(i => i.Text)] : null;
    }
}
