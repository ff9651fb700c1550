using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace ProxyGate.LoadProfile;

/// <summary>A type as the runtime tells of it: where it is defined, and what its arguments are (or its element, of an array).</summary>
internal sealed record TracedType(long Module, int Token, TypeFlags Flags, byte Element, long[] Arguments);

/// <summary>A method as the runtime tells of it.</summary>
internal sealed record TracedMethod(long Type, int Token, long[] Arguments);

/// <summary>What a trace says of the methods that ran, by the runtime's own ids.</summary>
internal sealed class Recording
{
    public Dictionary<long, string> Modules { get; } = [];

    public Dictionary<long, TracedType> Types { get; } = [];

    public Dictionary<long, TracedMethod> Methods { get; } = [];

    /// <summary>What the probes in each method counted, packed (<see cref="Probe.ReadAll"/>).</summary>
    public Dictionary<long, byte[]> Counted { get; } = [];

    public static Recording Read(string trace)
    {
        var recording = new Recording();
        using var source = new EventPipeEventSource(trace);
        var runtime = source.Clr;
        runtime.LoaderModuleLoad += e => recording.Modules[e.ModuleID] = e.ModuleILPath;
        runtime.MethodMethodDetails += e => recording.Methods[e.MethodID] =
            new((long)e.TypeID, e.MethodToken, [.. Enumerable.Range(0, e.TypeParameterCount).Select(i => (long)e.TypeParameters(i))]);
        runtime.TypeBulkType += recording.AddTypes;
        var pieces = new Dictionary<long, List<byte[]>>();
        runtime.JitInstrumentationDataInstrumentationData += e => recording.AddCounts(pieces, e.MethodID, e.MethodFlags, e.Data);
        runtime.JitInstrumentationDataVerboseInstrumentationData += e => recording.AddCounts(pieces, e.MethodID, e.MethodFlags, e.Data);
        source.Process();
        return recording;
    }

    void AddTypes(GCBulkTypeTraceData e)
    {
        for (var i = 0; i < e.Count; i++)
        {
            var t = e.Values(i);
            Types[(long)t.TypeID] = new((long)t.ModuleID, t.TypeNameID, t.Flags, t.CorElementType,
                [.. Enumerable.Range(0, t.TypeParameterCount).Select(n => (long)t.TypeParameterID(n))]);
        }
    }

    // A method's counts come in numbered pieces, of which the last has the highest bit set; when they come a second time, the second counted longer.
    void AddCounts(Dictionary<long, List<byte[]>> pieces, long method, int flags, byte[] data)
    {
        var number = flags & int.MaxValue;
        if (number == 0) pieces[method] = [];
        if (!pieces.TryGetValue(method, out var before) || before.Count != number) return;
        before.Add(data);
        if (flags < 0) Counted[method] = [.. before.SelectMany(p => p)];
    }
}
