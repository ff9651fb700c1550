namespace ProxyGate.Gateway.Configuration;

/// <summary>YARP's transforms: the key that names each, and the keys that may stand beside it.</summary>
internal static class TransformNames
{
    private static readonly string[] SetOrAppend = ["Set", "Append"];
    private static readonly string[] SetAppendWhen = ["Set", "Append", "When"];

    public static IReadOnlyDictionary<string, string[]> All { get; } = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
    {
        ["PathPrefix"] = [],
        ["PathRemovePrefix"] = [],
        ["PathSet"] = [],
        ["PathPattern"] = [],
        ["QueryValueParameter"] = SetOrAppend,
        ["QueryRouteParameter"] = SetOrAppend,
        ["QueryRemoveParameter"] = [],
        ["HttpMethodChange"] = ["Set"],
        ["RequestHeadersCopy"] = [],
        ["RequestHeaderOriginalHost"] = [],
        ["RequestHeader"] = SetOrAppend,
        ["RequestHeaderRouteValue"] = SetOrAppend,
        ["RequestHeaderRemove"] = [],
        ["RequestHeadersAllowed"] = [],
        ["X-Forwarded"] = ["HeaderPrefix", "For", "Host", "Proto", "Prefix"],
        ["Forwarded"] = ["Action", "ForFormat", "ByFormat"],
        ["ClientCert"] = [],
        ["ResponseHeadersCopy"] = [],
        ["ResponseHeader"] = SetAppendWhen,
        ["ResponseHeaderRemove"] = ["When"],
        ["ResponseHeadersAllowed"] = [],
        ["ResponseTrailersCopy"] = [],
        ["ResponseTrailer"] = SetAppendWhen,
        ["ResponseTrailerRemove"] = ["When"],
        ["ResponseTrailersAllowed"] = [],
    };
}
