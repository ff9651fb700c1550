using Microsoft.Diagnostics.Tracing.Parsers.Clr;
using Mono.Cecil;
using Mono.Collections.Generic;

namespace ProxyGate.LoadProfile;

/// <summary>Types and methods of a recording as references out of the profile, by name: the compiler finds them in its own assemblies.</summary>
internal sealed class References(Recording recording, ModuleDefinition profile)
{
    /// <summary>The compilers know the type that stands for every class in shared generic code by this assembly, which does not exist.</summary>
    public const string Canon = "System.Private.Canon";

    const byte Pointer = 0x0F, ByReference = 0x10, FunctionPointer = 0x1B, Vector = 0x1D;

    readonly Dictionary<string, ModuleDefinition> _modules = [];
    readonly Dictionary<long, TypeReference?> _types = [];
    readonly TypeReference _canon = new("System", "__Canon", profile, profile.AssemblyReferences.First(a => a.Name == Canon), valueType: false);

    public TypeReference? Type(long id)
    {
        if (!_types.TryGetValue(id, out var known)) _types[id] = known = recording.Types.TryGetValue(id, out var type) ? Find(type) : null;
        return known;
    }

    public MethodReference? Method(long id)
    {
        if (!recording.Methods.TryGetValue(id, out var method) || Type(method.Type) is not { } owner) return null;
        if (Definition(recording.Types[method.Type].Module, method.Token) is not MethodDefinition definition) return null;
        var open = profile.ImportReference(definition);
        var found = owner is GenericInstanceType ? In(owner, open) : open;
        if (method.Arguments.Length == 0) return found;
        var instance = new GenericInstanceMethod(found);
        return Fill(instance.GenericArguments, method.Arguments) ? instance : null;
    }

    TypeReference? Find(TracedType type)
    {
        if ((type.Flags & TypeFlags.Array) != 0) return type.Element == Vector && Type(type.Arguments[0]) is { } element ? new ArrayType(element) : null;
        if (type.Element == ByReference) return Type(type.Arguments[0]) is { } target ? new ByReferenceType(target) : null;
        if (type.Element == Pointer) return Type(type.Arguments[0]) is { } target ? new PointerType(target) : null;
        if (type.Element == FunctionPointer || Definition(type.Module, type.Token) is not TypeDefinition definition) return null;
        if (definition.FullName == _canon.FullName) return _canon;
        var open = profile.ImportReference(definition);
        if (type.Arguments.Length == 0) return open;
        var instance = new GenericInstanceType(open);
        return Fill(instance.GenericArguments, type.Arguments) ? instance : null;
    }

    bool Fill(Collection<TypeReference> arguments, long[] ids)
    {
        foreach (var id in ids)
        {
            if (Type(id) is not { } argument) return false;
            arguments.Add(argument);
        }
        return true;
    }

    IMetadataTokenProvider? Definition(long module, int token)
    {
        if (!recording.Modules.TryGetValue(module, out var path) || !File.Exists(path)) return null;
        if (!_modules.TryGetValue(path, out var opened)) _modules[path] = opened = ModuleDefinition.ReadModule(path);
        return opened.LookupToken(token);
    }

    static MethodReference In(TypeReference owner, MethodReference open)
    {
        var found = new MethodReference(open.Name, open.ReturnType, owner)
        {
            HasThis = open.HasThis,
            ExplicitThis = open.ExplicitThis,
            CallingConvention = open.CallingConvention,
        };
        foreach (var parameter in open.Parameters) found.Parameters.Add(new(parameter.ParameterType));
        foreach (var parameter in open.GenericParameters) found.GenericParameters.Add(new(parameter.Name, found));
        return found;
    }
}
