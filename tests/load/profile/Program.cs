// Makes the profile for the ahead-of-time compiler (.mibc) of a trace of the running program; see profile.sh, which makes both.
//   profile TRACE.nettrace PROFILE.mibc [LEAST]
// LEAST is how often the busiest branch of a method must have been taken for the method to be in the profile (30).
using System.Globalization;
using ProxyGate.LoadProfile;

if (args.Length is not (2 or 3) || !File.Exists(args[0]))
{
    Console.Error.WriteLine("profile TRACE.nettrace PROFILE.mibc [LEAST]");
    return 2;
}
var least = args.Length == 3 ? long.Parse(args[2], CultureInfo.InvariantCulture) : 30;
var recording = Recording.Read(args[0]);
if (recording.Counted.Count == 0)
{
    Console.Error.WriteLine($"{args[0]} has no counts: was the program ended in order (SIGTERM), with the settings of profile.sh?");
    return 1;
}
var profile = new ProfileAssembly(Path.GetFileName(args[1]));
var references = new References(recording, profile.Module);
int cold = 0, unknown = 0;
foreach (var (id, data) in recording.Counted)
{
    var probes = Probe.ReadAll(data);
    if (probes.Max(p => p.Executions) is var most && most < least) cold++;
    else if (references.Method(id) is { } method) profile.Add(method, most, probes, references);
    else unknown++;
}
profile.Write(args[1]);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{profile.Methods} methods in {new FileInfo(args[1]).Length / 1024} KiB; left out: {cold} that ran less than {least} times, {unknown} not found in any assembly"));
return 0;
