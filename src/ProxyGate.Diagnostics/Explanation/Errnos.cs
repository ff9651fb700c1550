namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Linux errno numbers with their symbol and the text of <c>strerror</c>, which is what nginx logs.</summary>
internal static class Errnos
{
    private static readonly Dictionary<int, (string Symbol, string Text)> Known = new()
    {
        [1] = ("EPERM", "Operation not permitted"),
        [2] = ("ENOENT", "No such file or directory"),
        [11] = ("EAGAIN", "Resource temporarily unavailable"),
        [12] = ("ENOMEM", "Cannot allocate memory"),
        [13] = ("EACCES", "Permission denied"),
        [20] = ("ENOTDIR", "Not a directory"),
        [22] = ("EINVAL", "Invalid argument"),
        [23] = ("ENFILE", "Too many open files in system"),
        [24] = ("EMFILE", "Too many open files"),
        [32] = ("EPIPE", "Broken pipe"),
        [91] = ("EPROTOTYPE", "Protocol wrong type for socket"),
        [93] = ("EPROTONOSUPPORT", "Protocol not supported"),
        [94] = ("ESOCKTNOSUPPORT", "Socket type not supported"),
        [95] = ("EOPNOTSUPP", "Operation not supported"),
        [96] = ("EPFNOSUPPORT", "Protocol family not supported"),
        [97] = ("EAFNOSUPPORT", "Address family not supported by protocol"),
        [98] = ("EADDRINUSE", "Address already in use"),
        [99] = ("EADDRNOTAVAIL", "Cannot assign requested address"),
        [100] = ("ENETDOWN", "Network is down"),
        [101] = ("ENETUNREACH", "Network is unreachable"),
        [102] = ("ENETRESET", "Network dropped connection on reset"),
        [103] = ("ECONNABORTED", "Software caused connection abort"),
        [104] = ("ECONNRESET", "Connection reset by peer"),
        [105] = ("ENOBUFS", "No buffer space available"),
        [107] = ("ENOTCONN", "Transport endpoint is not connected"),
        [110] = ("ETIMEDOUT", "Connection timed out"),
        [111] = ("ECONNREFUSED", "Connection refused"),
        [112] = ("EHOSTDOWN", "Host is down"),
        [113] = ("EHOSTUNREACH", "No route to host"),
    };

    /// <summary>E.g. <c>ECONNREFUSED</c>; <c>errno 200</c> for a number not listed.</summary>
    public static string Symbol(int errno) => Known.TryGetValue(errno, out var known) ? known.Symbol : Amounts.Invariant($"errno {errno}");

    /// <summary>E.g. <c>111: Connection refused</c>.</summary>
    public static string NginxForm(int errno) => Amounts.Invariant($"{errno}: {(Known.TryGetValue(errno, out var known) ? known.Text : "Unknown error")}");

    /// <summary>E.g. <c>connection refused</c>.</summary>
    public static string Words(int errno) => Known.TryGetValue(errno, out var known) ? char.ToLowerInvariant(known.Text[0]) + known.Text[1..] : Amounts.Invariant($"error {errno}");
}
