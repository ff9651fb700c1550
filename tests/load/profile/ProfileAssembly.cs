using System.Globalization;
using System.IO.Compression;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ProxyGate.LoadProfile;

/// <summary>
/// A profile is an assembly whose methods are never run: the instructions are the data. A method tells of the methods of the same assemblies, each as its
/// token, its weight and its probes between two strings, and a last one lists those by the assemblies' names. Equal counts make equal bytes.
/// </summary>
internal sealed class ProfileAssembly
{
    const int AllFieldsFollow = 0xF;
    static readonly DateTimeOffset NoTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly AssemblyDefinition _assembly;
    readonly SortedDictionary<string, SortedDictionary<string, Action<ILProcessor>>> _byAssemblies = new(StringComparer.Ordinal);

    public ProfileAssembly(string name)
    {
        _assembly = AssemblyDefinition.CreateAssembly(new(name, new(0, 0, 0, 0)), name, ModuleKind.Dll);
        Module.Mvid = new("f9d6d1b5-3f5c-4c1b-9a3e-6d0a1c0b7e52");
        Module.AssemblyReferences.Add(new(References.Canon, new(0, 0, 0, 0)));
    }

    public ModuleDefinition Module => _assembly.MainModule;

    TypeDefinition Globals => Module.Types[0];

    public int Methods => _byAssemblies.Values.Sum(g => g.Count);

    public void Add(MethodReference method, long weight, List<Probe> probes, References references)
    {
        var assemblies = Assemblies(method);
        if (!_byAssemblies.TryGetValue(assemblies, out var group)) _byAssemblies[assemblies] = group = new(StringComparer.Ordinal);
        group[method.FullName] = il =>
        {
            il.Emit(OpCodes.Ldtoken, method);
            il.Emit(OpCodes.Ldstr, "ExclusiveWeight");
            Number(il, Math.Min(weight, int.MaxValue));
            il.Emit(OpCodes.Ldstr, "InstrumentationDataStart");
            foreach (var probe in probes)
            {
                Number(il, AllFieldsFollow);
                Number(il, probe.Offset);
                Number(il, probe.Kind);
                Number(il, probe.Values.Length);
                Number(il, probe.Other);
                foreach (var value in probe.Values)
                {
                    if (probe.OfReferences) Reference(il, value, probe.OfTypes ? references.Type(value) : references.Method(value));
                    else Number(il, value);
                }
            }
            il.Emit(OpCodes.Ldstr, "InstrumentationDataEnd");
            il.Emit(OpCodes.Pop);
        };
    }

    public void Write(string path)
    {
        var list = Method("AssemblyDictionary");
        foreach (var (assemblies, group) in _byAssemblies)
        {
            var method = Method(string.Create(CultureInfo.InvariantCulture, $"Assemblies_{Globals.Methods.Count}"));
            foreach (var write in group.Values) write(method.Body.GetILProcessor());
            method.Body.GetILProcessor().Emit(OpCodes.Ret);
            var il = list.Body.GetILProcessor();
            il.Emit(OpCodes.Ldstr, assemblies);
            il.Emit(OpCodes.Ldtoken, method);
            il.Emit(OpCodes.Pop);
        }
        list.Body.GetILProcessor().Emit(OpCodes.Ret);
        using var file = new FileStream(path, FileMode.Create);
        using var archive = new ZipArchive(file, ZipArchiveMode.Create);
        var entry = archive.CreateEntry(Path.GetFileName(path) + ".dll", CompressionLevel.SmallestSize);
        entry.LastWriteTime = NoTime;
        using var written = new MemoryStream();
        _assembly.Write(written, new WriterParameters { Timestamp = 0 });
        using var stream = entry.Open();
        written.WriteTo(stream);
    }

    MethodDefinition Method(string name)
    {
        var method = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static, Module.TypeSystem.Void);
        Globals.Methods.Add(method);
        return method;
    }

    // The first is where the method is defined; the others are those of the arguments it is instantiated over.
    static string Assemblies(MethodReference method)
    {
        var defining = method.DeclaringType.GetElementType().Scope.Name;
        var others = new SortedSet<string>(StringComparer.Ordinal);
        Collect(method.DeclaringType, others);
        foreach (var argument in (method as GenericInstanceMethod)?.GenericArguments ?? []) Collect(argument, others);
        others.Remove(defining);
        return string.Concat(others.Prepend(defining).Select(n => n + ";"));
    }

    static void Collect(TypeReference type, SortedSet<string> assemblies)
    {
        foreach (var argument in (type as GenericInstanceType)?.GenericArguments ?? []) Collect(argument, assemblies);
        if (type is TypeSpecification specification) Collect(specification.ElementType, assemblies);
        else if (type.Scope.Name != References.Canon) assemblies.Add(type.Scope.Name);
    }

    // What is not known any more (code made at run time) is still somebody: a small number that is no token stands for it.
    static void Reference(ILProcessor il, long id, object? known)
    {
        if (known is TypeReference type) il.Emit(OpCodes.Ldtoken, type);
        else if (known is MethodReference method) il.Emit(OpCodes.Ldtoken, method);
        else Number(il, id == 0 ? 0 : 1);
    }

    static void Number(ILProcessor il, long value)
    {
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue) il.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
        else if (value is >= int.MinValue and <= int.MaxValue) il.Emit(OpCodes.Ldc_I4, (int)value);
        else il.Emit(OpCodes.Ldc_I8, value);
    }
}
