using System.Text.Json.Nodes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// What may stand at a place of the configuration. The checker, the JSON Schema and the nearest-spelling hints are all made from these, so they
/// cannot disagree.
/// </summary>
internal abstract record Shape
{
    /// <summary>Whether <c>null</c> has a meaning here.</summary>
    public bool Nullable { get; init; }
}

/// <summary>One key of a section.</summary>
/// <param name="Description">What it does, with unit and range.</param>
/// <param name="Default">As it would be written in JSON; absent when there is none to state.</param>
internal sealed record ShapeKey(string Name, Shape Shape, string Description, string? Default = null)
{
    public bool Required { get; init; }
}

internal sealed record SectionShape(IReadOnlyList<ShapeKey> Keys) : Shape
{
    public ShapeKey? Find(string name) => Keys.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A section whose keys are names a person chose.</summary>
/// <param name="What">What the names name: cluster, route, destination.</param>
internal sealed record MapShape(string What, Shape Value) : Shape;

internal sealed record ListShape(Shape Item) : Shape;

/// <summary>One YARP transform: a set of name and value pairs of which one names the transform.</summary>
internal sealed record TransformShape : Shape;

/// <summary>Why a scalar is refused.</summary>
internal readonly record struct ScalarMistake(string Message, string? Suggestion = null);

internal enum ScalarType
{
    Text,
    Flag,
    Whole,
    Duration,
    Size,
    Version,

    /// <summary>502 or 5xx: a number or text.</summary>
    Status,

    /// <summary>Text too; a unix form is given a host name when it is bound.</summary>
    Destination,
}

/// <summary>A single value.</summary>
/// <param name="Expected">With article, as it ends the sentence "must be …".</param>
internal sealed record ScalarShape(ScalarType Type, string Expected, Func<string, ScalarMistake?> Check) : Shape
{
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The value's part of the JSON Schema, without null.</summary>
    public required Func<JsonObject> Schema { get; init; }
}
