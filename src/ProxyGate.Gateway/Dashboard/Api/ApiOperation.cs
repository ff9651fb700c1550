using System.Text.Json.Nodes;
using ProxyGate.Gateway.Dashboard.Serving;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>A part of the API: what answers, and what the OpenAPI document says of it.</summary>
/// <param name="Route">How it is asked for and who may.</param>
/// <param name="Summary">What it gives.</param>
/// <param name="Parameters">What can be asked.</param>
/// <param name="Answers">All answers there are.</param>
internal sealed record ApiOperation(AdminRoute Route, string Summary, IReadOnlyList<ApiParameter> Parameters, IReadOnlyList<ApiAnswer> Answers);

/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Type">string, integer or boolean.</param>
/// <param name="IsInPath">Part of the path rather than of the query.</param>
/// <param name="Format">E.g. date-time.</param>
internal sealed record ApiParameter(string Name, string Description, string Type = "string", bool IsInPath = false, string? Format = null);

/// <param name="Status">The status.</param>
/// <param name="Description">When.</param>
/// <param name="ContentType">What is in it; absent for an empty answer.</param>
/// <param name="Body">The view that is written; absent when <paramref name="Schema"/> says it.</param>
/// <param name="Schema">The content's schema, where no view stands for it.</param>
internal sealed record ApiAnswer(int Status, string Description, string? ContentType = "application/json", Type? Body = null, Func<JsonNode>? Schema = null)
{
    public static ApiAnswer Of<T>(string description = "OK", int status = 200) => new(status, description, Body: typeof(T));

    public static ApiAnswer Problem(int status, string description) => new(status, description, "application/problem+json", typeof(ApiProblem));
}
