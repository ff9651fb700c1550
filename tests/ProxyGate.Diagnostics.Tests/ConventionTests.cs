using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ProxyGate.Diagnostics.Tests;

/// <summary>Holds the project files and the code to the design's allowed references. The files directly in the gateway's folder compose it: they may know every room.</summary>
public sealed partial class ConventionTests
{
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["ProxyGate"] = ["ProxyGate.Gateway", "ProxyGate.Simulation"],
        ["ProxyGate.Gateway"] = ["ProxyGate.Diagnostics", "ProxyGate.Investigation", "ProxyGate.Nginx"],
        ["ProxyGate.Investigation"] = ["ProxyGate.Diagnostics"],
        ["ProxyGate.Diagnostics"] = [],
        ["ProxyGate.Nginx"] = [],
        ["ProxyGate.Simulation"] = [],
    };

    /// <summary>The rooms of the gateway and what each may know, besides its own. Every room may know the settings in force.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        // The configuration hands the routes it has read over.
        ["Configuration"] = ["Routing"],
        ["Listeners"] = ["Configuration"],
        ["Routing"] = ["Configuration", "Forwarding"],
        ["Forwarding"] = ["Configuration"],
        ["Resilience"] = ["Configuration", "Forwarding"],
        ["FailureHandling"] = ["Configuration", "Forwarding", "Resilience", "Pages", "EventLog", "Incidents"],
        ["Pages"] = ["Configuration", "Listeners"],
        ["EventLog"] = ["Configuration"],
        ["Incidents"] = ["Configuration"],
        ["Dashboard"] = ["Configuration", "Incidents"],
    };

    /// <summary>Files that may be longer than a screenful of thought: a flat table, or one machine that would only be scattered.</summary>
    private static readonly HashSet<string> LongFiles =
    [
        "src/ProxyGate.Gateway/Forwarding/Http1/Http1Connection.cs",
    ];

    private static readonly string[] PlatformOfDiagnostics = ["System", "System.Buffers", "System.Collections", "System.Diagnostics", "System.Globalization", "System.Linq", "System.Net", "System.Reflection", "System.Security.Cryptography", "System.Text"];

    private static readonly string Root = FindRoot();

    private static readonly SourceFile[] Sources = ReadSources("src");

    [Fact]
    public void Projects_refer_only_to_what_the_design_allows()
    {
        var wrong = new List<string>();
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var allowed = Projects.GetValueOrDefault(name);
            if (allowed is null) wrong.Add($"{name} is no project of the design");
            wrong.AddRange(References(path, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/'))).Except(allowed ?? []).Select(r => $"{name} refers to {r}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_diagnosis_needs_nothing_but_the_platform()
    {
        var project = Path.Combine(Root, "src", "ProxyGate.Diagnostics", "ProxyGate.Diagnostics.csproj");
        Assert.Empty(References(project, "PackageReference").Concat(References(project, "ProjectReference")).Concat(References(project, "FrameworkReference")));
        var wrong = from file in Sources
                    where file.Project == "ProxyGate.Diagnostics"
                    from used in file.Usings
                    where !IsWithin(used, "ProxyGate.Diagnostics") && !PlatformOfDiagnostics.Any(p => used == p || (p != "System" && IsWithin(used, p)))
                    select $"{file.Path} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_diagnosis_reads_no_clock_and_does_no_input_or_output()
    {
        var wrong = from file in Sources
                    where file.Project == "ProxyGate.Diagnostics"
                    from Match match in OutsideWorld().Matches(file.Code)
                    select $"{file.Path}: {match.Value}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Code_uses_only_what_its_project_may_reach()
    {
        var wrong = from file in Sources
                    where Projects.ContainsKey(file.Project)
                    let reach = Reach(file.Project)
                    from used in file.Mentions
                    let owner = Projects.Keys.Where(p => IsWithin(used, p)).MaxBy(p => p.Length)
                    where owner is not null && owner != "ProxyGate" && !reach.Contains(owner)
                    select $"{file.Path} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_rooms_of_the_gateway_know_only_what_the_design_allows()
    {
        var wrong = from edge in RoomEdges()
                    where !Rooms.TryGetValue(edge.From, out var allowed) || !allowed.Contains(edge.To)
                    select $"{edge.File}: {edge.From} knows {edge.To}";
        Assert.Empty(wrong);
        Assert.Empty(GatewayRooms().Except(Rooms.Keys).Select(r => $"{r} is no room of the design"));
    }

    [Fact]
    public void No_two_rooms_of_the_gateway_know_each_other()
    {
        var edges = RoomEdges().Select(e => (e.From, e.To)).Distinct().ToLookup(e => e.From, e => e.To);
        foreach (var room in Rooms.Keys)
        {
            var seen = new HashSet<string>();
            var open = new Stack<string>(edges[room]);
            while (open.TryPop(out var next))
            {
                Assert.False(next == room, $"{room} is reached from {room} again, through {string.Join(", ", seen)}");
                if (!seen.Add(next)) continue;
                foreach (var further in edges[next]) open.Push(further);
            }
        }
    }

    [Fact]
    public void A_namespace_says_where_its_file_lies()
    {
        var wrong = from file in Sources
                    where file.Namespace is not null
                    let folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/')["src/".Length..].Replace('/', '.')
                    where file.Namespace != folder
                    select $"{file.Path} is in {file.Namespace}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_folder_is_a_drawer_for_everything()
    {
        string[] drawers = ["utils", "util", "utilities", "helpers", "helper", "common", "models", "managers", "misc", "shared"];
        Assert.Empty(from file in Sources.Concat(ReadSources("tests"))
                     from folder in Path.GetDirectoryName(file.Path)!.Split('/', '\\')
                     where drawers.Contains(folder.ToLowerInvariant())
                     select file.Path);
    }

    [Fact]
    public void Files_stay_short_enough_to_be_read_at_once()
    {
        var tooLong = Sources.Where(f => f.Lines > 350).Select(f => f.Path).ToArray();
        Assert.Empty(tooLong.Except(LongFiles));
    }

    private static IEnumerable<(string From, string To, string File)> RoomEdges() =>
        from file in Sources
        where file is { Project: "ProxyGate.Gateway", Room: not null }
        from used in file.Mentions
        where IsWithin(used, "ProxyGate.Gateway")
        let parts = used.Split('.')
        where parts.Length > 2 && Rooms.ContainsKey(parts[2]) && parts[2] != file.Room
        select (file.Room, parts[2], file.Path);

    private static IEnumerable<string> GatewayRooms() =>
        Sources.Where(f => f is { Project: "ProxyGate.Gateway", Room: not null }).Select(f => f.Room!).Distinct();

    private static HashSet<string> Reach(string project)
    {
        var reach = new HashSet<string> { project };
        var open = new Stack<string>(Projects[project]);
        while (open.TryPop(out var next))
        {
            if (!reach.Add(next)) continue;
            foreach (var further in Projects[next]) open.Push(further);
        }

        return reach;
    }

    private static bool IsWithin(string name, string scope) => name == scope || name.StartsWith(scope + ".", StringComparison.Ordinal);

    private static IEnumerable<string> References(string project, string element) =>
        XDocument.Load(project).Descendants(element).Select(e => (string?)e.Attribute("Include")).OfType<string>();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ProxyGate.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"There is no ProxyGate.sln above {AppContext.BaseDirectory}: this test reads the repository it was built in.");
    }

    private static SourceFile[] ReadSources(string under) =>
    [
        .. from path in Directory.EnumerateFiles(Path.Combine(Root, under), "*.cs", SearchOption.AllDirectories)
           let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
           where !relative.Split('/').Any(p => p is "bin" or "obj")
           select new SourceFile(relative, File.ReadAllText(path)),
    ];

    /// <summary>Clocks, chance, files, processes, sockets and the console.</summary>
    [GeneratedRegex(@"\b(DateTime(Offset)?\.(Now|UtcNow|Today)|Stopwatch\.|TimeProvider|Environment\.|File\.|Directory\.|FileStream|Process\.Start|Console\.|new Socket\(|TcpClient|HttpClient\b|Dns\.Get|Thread\.Sleep|Task\.Delay|Random\.Shared|Guid\.NewGuid)")]
    private static partial Regex OutsideWorld();

    private sealed partial class SourceFile
    {
        public SourceFile(string path, string text)
        {
            Path = path;
            Lines = text.AsSpan().Count('\n');
            Code = Comment().Replace(text, "");
            Namespace = NamespaceLine().Match(Code) is { Success: true } match ? match.Groups[1].Value : null;
            Usings = [.. UsingLine().Matches(Code).Select(m => m.Groups[1].Value)];
            Mentions = [.. OwnName().Matches(NamespaceLine().Replace(Code, "")).Select(m => m.Value)];
            var parts = path.Split('/');
            Project = parts.Length > 1 ? parts[1] : "";
            Room = parts.Length > 3 ? parts[2] : null;
        }

        public string Path { get; }

        public int Lines { get; }

        /// <summary>The text without its comments, which may name anything.</summary>
        public string Code { get; }

        public string Project { get; }

        /// <summary>The folder within the project; none for the files that lie in the project's own.</summary>
        public string? Room { get; }

        public string? Namespace { get; }

        public IReadOnlyList<string> Usings { get; }

        /// <summary>Names of ours that are written out, in usings and elsewhere.</summary>
        public IReadOnlyList<string> Mentions { get; }

        [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
        private static partial Regex Comment();

        [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
        private static partial Regex NamespaceLine();

        [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?([\w.]+)\s*;", RegexOptions.Multiline)]
        private static partial Regex UsingLine();

        [GeneratedRegex(@"\bProxyGate(?:\.[A-Z]\w*)+")]
        private static partial Regex OwnName();
    }
}
