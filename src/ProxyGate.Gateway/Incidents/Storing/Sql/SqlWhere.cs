using System.Data.Common;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>The conditions of one question; values are parameters, never text.</summary>
internal sealed class SqlWhere
{
    private readonly List<string> _conditions = [];
    private readonly List<(string Name, object Value)> _parameters = [];

    public string Text => _conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", _conditions);

    public SqlWhere Is(string column, string? value) =>
        value is null ? this : Compare(FormattableString.Invariant($"{column} = @p{_parameters.Count}"), FormattableString.Invariant($"p{_parameters.Count}"), value);

    public SqlWhere If(bool wanted, string condition)
    {
        if (wanted) _conditions.Add(condition);
        return this;
    }

    public SqlWhere Compare(string condition, string name, object? value)
    {
        if (value is null) return this;
        _conditions.Add(condition);
        return Parameter(name, value);
    }

    public SqlWhere Parameter(string name, object value)
    {
        _parameters.Add((name, value));
        return this;
    }

    public DbCommand Fill(DbCommand command)
    {
        foreach (var (name, value) in _parameters) command.With(name, value);
        return command;
    }
}
