namespace ProxyGate.Gateway.Incidents;

/// <summary>Which requests of an incident failed, the first eight, and whether others were answered meanwhile. Touched under the tracker's lock only.</summary>
internal sealed class FailedRequests(bool reachedApp)
{
    private const int MaxPaths = 8;
    private const int MaxPathLength = 256;

    private readonly List<(string Method, string Path)> _requests = [];
    private bool _otherAnswered;
    private bool _failingAnswered;
    private bool _more;

    /// <summary>Whether the requests reached the app, so that the path may be what makes the difference.</summary>
    public bool ReachedApp => reachedApp;

    /// <summary>The paths that failed, the first eight.</summary>
    public IReadOnlyList<string> Paths { get; private set; } = [];

    /// <summary>Whether a good answer on another path would be news.</summary>
    public bool ListensForOthers => reachedApp && !_otherAnswered;

    /// <summary>
    /// Other paths answered while these few never did: then it is not the whole destination. Where more paths fail than are remembered,
    /// or a failing one answered in between, that cannot be said.
    /// </summary>
    public bool OthersAnswer => _otherAnswered && !_failingAnswered && !_more;

    /// <summary>The destination answered a request well.</summary>
    public void Answered(string method, string path)
    {
        if (!reachedApp) return;
        path = Shortened(path);
        if (Failed(method, path)) _failingAnswered = true;
        // The same path by another method says nothing of other paths.
        else if (!_requests.Exists(r => r.Path == path)) _otherAnswered = true;
    }

    /// <returns>The path, as far as it is remembered.</returns>
    public string Add(string method, string path)
    {
        path = Shortened(path);
        if (Failed(method, path)) return path;
        if (_requests.Count == MaxPaths)
        {
            _more = true;
            return path;
        }

        if (!_requests.Exists(r => r.Path == path)) Paths = [.. Paths, path];
        _requests.Add((method, path));
        return path;
    }

    private static string Shortened(string path) => path.Length > MaxPathLength ? path[..MaxPathLength] : path;

    private bool Failed(string method, string path)
    {
        foreach (var request in _requests)
        {
            if (request.Path == path && request.Method == method) return true;
        }

        return false;
    }
}
