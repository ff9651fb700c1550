using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ProxyGate.Diagnostics.Tests;

/// <summary>Holds the house to its plan: which room may know which, what rooms are called, and how long a file may grow.</summary>
public sealed partial class ConventionTests
{
    private const int LongestFile = 350;

    /// <summary>The project references there may be, and so the namespaces a project may use.</summary>
    private static readonly Dictionary<string, string[]> s_projects = new()
    {
        ["ProxyGate"] = ["ProxyGate.Gateway", "ProxyGate.Simulation", "ProxyGate.Diagnostics", "ProxyGate.Investigation"],
        ["ProxyGate.Gateway"] = ["ProxyGate.Diagnostics", "ProxyGate.Investigation", "ProxyGate.Nginx"],
        ["ProxyGate.Investigation"] = ["ProxyGate.Diagnostics"],
        ["ProxyGate.Diagnostics"] = [],
        ["ProxyGate.Nginx"] = [],
        ["ProxyGate.Simulation"] = [],
    };

    /// <summary>Inside the gateway: the rooms a room may use. Files directly in the project put the rooms together and may use all.</summary>
    private static readonly Dictionary<string, string[]> s_rooms = new()
    {
        ["Configuration"] =
        [
            // A reload hands the new routes over.
            "Routing",
        ],
        ["Listeners"] =
        [
            "Configuration",
            // Sockets that others have open too are left alone as soon as the stop begins.
            "Draining",
            // The connections taken here are served there.
            "Loops",
        ],
        // Who waits for sockets, of clients and of upstreams: knows neither.
        ["Loops"] = [],
        ["Routing"] = [],
        // How far the stop has come: asked by whoever must hurry, or must not begin.
        ["Draining"] = ["Configuration"],
        ["Forwarding"] =
        [
            "Configuration",
            // What is under way at the stop is ended in order, and not blamed on anybody.
            "Draining",
            // The upstream is told who the client is: without YARP's message the fields are written straight into the head.
            "Listeners",
            // Upstreams are served on the loop of their client.
            "Loops",
        ],
        // What is known of destinations, for everybody to read: it must not lead to those who find it out.
        ["Health"] = ["Configuration", "EventLog"],
        // Checks are requests like any other, through the same client, and tell what they saw.
        ["Probing"] = ["Health", "Forwarding", "Configuration"],
        ["Balancing"] = ["Configuration"],
        // A changed answer becomes other destinations, or closes kept-alive connections.
        ["Names"] = ["Routing", "Forwarding", "Configuration"],
        ["Resilience"] =
        [
            "Forwarding", "Configuration",
            // A further attempt stays with the destinations of the configuration that routed the request.
            "Routing",
        ],
        ["FailureHandling"] =
        [
            "Resilience", "Forwarding", "Configuration", "Pages", "EventLog", "Incidents",
            // What the server refused before a request reached the line is seen where connections are taken.
            "Listeners",
            // Has a failure looked into, and tells what the last look saw.
            "Investigating",
            // A failure tells which destinations are out of use, and while the gateway stops it is nobody's fault.
            "Health", "Draining",
        ],
        // Looking by hand: the gateway's own client with a cluster's own settings.
        ["Examining"] = ["Configuration", "Forwarding"],
        // What to look at is configured; what was found is an event.
        ["Investigating"] =
        [
            "Configuration", "Routing", "EventLog",
            // It belongs to the failure's incident.
            "Incidents",
        ],
        ["Pages"] =
        [
            // Who may see the operator's view is configured, and judged by the real peer of the connection.
            "Configuration", "Listeners",
        ],
        // Where the log is written to, and how much is kept.
        ["EventLog"] = ["Configuration"],
        // Where they are kept is configured; a recovery is an event.
        ["Incidents"] = ["Configuration", "EventLog"],
        ["Dashboard"] =
        [
            "Incidents",
            // The admin listener shows the settings in force, the addresses listened on and the state of the log.
            "Configuration", "Listeners", "EventLog",
            // Where requests lead.
            "Routing",
            // A failure is shown as the operator's page shows it, to whom that page is for.
            "Pages",
            // Somebody can ask for another look.
            "Investigating",
            // Readiness says how each destination does.
            "Health", "Draining",
        ],
    };

    /// <summary>Files over the limit, each with why they are one room.</summary>
    private static readonly Dictionary<string, string> s_longFiles = new()
    {
        ["src/ProxyGate.Gateway/Forwarding/Http1/Http1Connection.cs"] = "the state of one connection: reading, writing and ending share its buffer and its lock",
    };

    private static readonly string[] s_namesThatSayNothing = ["Utils", "Utilities", "Helpers", "Common", "Models", "Managers", "Misc", "Shared"];

    [Fact]
    public void Projects_refer_only_to_the_projects_they_may_know()
    {
        var wrong = new List<string>();
        foreach (var file in Files("*.csproj"))
        {
            var project = Path.GetFileNameWithoutExtension(file);
            if (!s_projects.TryGetValue(project, out var allowed))
            {
                wrong.Add($"{project} is not in the plan");
                continue;
            }

            var references = XDocument.Load(Full(file)).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            wrong.AddRange(references.Except(allowed).Select(r => $"{project} refers to {r}"));
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("ProxyGate.Diagnostics")]
    [InlineData("ProxyGate.Nginx")]
    public void Pure_libraries_bring_no_package_and_no_framework(string project)
    {
        if (Files("*.csproj").FirstOrDefault(f => Path.GetFileNameWithoutExtension(f) == project) is not { } file) return; // Not built yet.
        Assert.DoesNotContain(XDocument.Load(Full(file)).Descendants(), e => e.Name.LocalName is "PackageReference" or "FrameworkReference");
    }

    [Fact]
    public void Code_uses_only_the_projects_it_may_know()
    {
        var wrong = from file in Files("*.cs")
                    let project = ProjectOf(file)
                    let allowed = s_projects.GetValueOrDefault(project, [])
                    from used in Names(file).Select(ProjectNamed).Distinct()
                    where used != project && !allowed.Contains(used)
                    select $"{file} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Rooms_of_the_gateway_use_only_the_rooms_they_may_know()
    {
        var wrong = from file in Files("*.cs")
                    let room = RoomOf(file)
                    where room is not null
                    let allowed = s_rooms.GetValueOrDefault(room, [])
                    from used in RoomsNamed(file).Distinct()
                    where used != room && !allowed.Contains(used)
                    select $"{file}: {room} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_two_rooms_of_the_gateway_know_each_other()
    {
        var uses = (from file in Files("*.cs")
                    let room = RoomOf(file)
                    where room is not null
                    from used in RoomsNamed(file)
                    where used != room
                    select (room, used)).Distinct().ToLookup(e => e.room, e => e.used);
        foreach (var room in s_rooms.Keys)
        {
            var seen = new HashSet<string>();
            var open = new Queue<string>(uses[room]);
            while (open.TryDequeue(out var next))
            {
                Assert.False(next == room, $"{room} is reached from {room} again, through {string.Join(", ", seen)}");
                if (!seen.Add(next)) continue;
                foreach (var further in uses[next]) open.Enqueue(further);
            }
        }
    }

    [Fact]
    public void Every_room_of_the_gateway_is_in_the_plan() =>
        Assert.Empty(Files("*.cs").Select(RoomOf).OfType<string>().Distinct().Except(s_rooms.Keys));

    [Theory]
    [InlineData("Forwarding", "FailureHandling")]
    [InlineData("Dashboard", "Forwarding")]
    [InlineData("Pages", "Forwarding")]
    [InlineData("Pages", "FailureHandling")]
    [InlineData("Configuration", "Forwarding")]
    public void No_chain_of_allowed_uses_leads_backwards(string from, string to)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>([from]);
        while (open.TryDequeue(out var room))
        {
            foreach (var next in s_rooms[room].Where(reached.Add)) open.Enqueue(next);
        }

        Assert.DoesNotContain(to, reached);
    }

    [Fact]
    public void Diagnosis_touches_no_clock_no_disk_no_network_and_no_server()
    {
        var wrong = from file in Files("*.cs")
                    where ProjectOf(file) == "ProxyGate.Diagnostics"
                    let code = Code(file)
                    from Match match in Impure().Matches(code)
                    select $"{file}: {match.Value.Trim()}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Namespaces_are_the_folders()
    {
        var wrong = from file in Files("*.cs")
                    let declared = Namespace().Match(Code(file))
                    where declared.Success
                    let folder = Path.GetDirectoryName(file)!["src/".Length..].Replace('/', '.')
                    where declared.Groups[1].Value != folder
                    select $"{file}: {declared.Groups[1].Value}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Folders_are_named_for_what_is_in_them() =>
        Assert.DoesNotContain(Files("*.cs", "src", "tests"), f => f.Split('/').SkipLast(1).Any(part => s_namesThatSayNothing.Contains(part, StringComparer.OrdinalIgnoreCase)));

    [Fact]
    public void Files_stay_short_enough_to_be_read_at_once()
    {
        var lengths = Files("*.cs").ToDictionary(f => f, f => File.ReadLines(Full(f)).Count());
        Assert.Empty(lengths.Where(f => f.Value > LongestFile && !s_longFiles.ContainsKey(f.Key)).Select(f => $"{f.Key}: {f.Value} lines"));

        // An exception that is no longer needed is taken out of the list.
        Assert.DoesNotContain(s_longFiles.Keys, f => !lengths.TryGetValue(f, out var length) || length <= LongestFile);
    }

    /// <summary>Source files, relative to the root and with forward slashes; what the build writes is left out.</summary>
    private static IEnumerable<string> Files(string pattern, params string[] roots) =>
        from root in roots.Length == 0 ? ["src"] : roots
        from file in Directory.EnumerateFiles(Repository.PathOf(root), pattern, SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !relative.Split('/').Any(part => part is "bin" or "obj" or "node_modules")
        orderby relative
        select relative;

    private static string Full(string relative) => Path.Combine(Repository.Root, relative);

    /// <summary>A file's text without comments, so that a sentence about a room is not a use of it.</summary>
    private static string Code(string file) => Comment().Replace(File.ReadAllText(Full(file)), "");

    private static string ProjectOf(string file) => file.Split('/')[1];

    private static string? RoomOf(string file) => file.Split('/') is ["src", "ProxyGate.Gateway", var room, _, ..] ? room : null;

    /// <summary>Every full name of ours that the code writes: in usings, aliases and in the middle of an expression.</summary>
    private static IEnumerable<string> Names(string file) => OwnName().Matches(Code(file)).Select(m => m.Value);

    private static string ProjectNamed(string name) => s_projects.Keys.Where(p => name == p || name.StartsWith(p + ".", StringComparison.Ordinal)).MaxBy(p => p.Length)!;

    private static IEnumerable<string> RoomsNamed(string file) =>
        from name in Names(file)
        let parts = name.Split('.')
        where parts is ["ProxyGate", "Gateway", _, ..]
        select s_rooms.ContainsKey(parts[2]) ? parts[2] : "the files that put the rooms together";

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    /// <summary>Ends at the last part that begins with a capital; a name in quotes, as of a log source or a resource, is no use.</summary>
    [GeneratedRegex("(?<![\\w.\"/-])ProxyGate(\\.[A-Z]\\w*)+")]
    private static partial Regex OwnName();

    [GeneratedRegex(
        @"using (static )?(Microsoft|Yarp|Serilog|OpenTelemetry|Polly|System\.(IO|Diagnostics(?!\.CodeAnalysis)|Threading|Timers|Runtime\.InteropServices|Net\.Security|Net\.Quic))\b[\w.]*"
        + @"|(?<![\w.])(File|Directory|FileInfo|Console|Process|Stopwatch|Thread|ThreadPool|Task|Random|Environment|TimeProvider)\.\w+"
        + @"|\bnew (Socket|FileStream|HttpClient|TcpClient|Thread|Timer)\b|(?<![\w.])Dns\.Get\w+|\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bGuid\.NewGuid\b")]
    private static partial Regex Impure();
}
