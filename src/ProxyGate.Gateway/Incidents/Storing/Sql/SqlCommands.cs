using System.Data.Common;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>The few words of ADO.NET the store needs, shorter.</summary>
internal static class SqlCommands
{
    public static DbCommand Command(this DbConnection connection, string text, DbTransaction? transaction = null, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters) command.With(name, value);
        return command;
    }

    public static DbCommand With(this DbCommand command, string name, object? value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value ?? DBNull.Value;
            return command;
        }

        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return command;
    }

    public static async Task<int> RunAsync(this DbConnection connection, string text, DbTransaction? transaction, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.Command(text, transaction, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<long> NumberAsync(this DbConnection connection, string text, DbTransaction? transaction, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.Command(text, transaction, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    public static async Task<List<T>> ListAsync<T>(this DbCommand command, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<T>();
        while (await rows.ReadAsync(cancellationToken)) list.Add(read(rows));
        return list;
    }

    public static string? TextOrNull(this DbDataReader row, string column) => row[column] is string text ? text : null;

    public static string Text(this DbDataReader row, string column) => (string)row[column];

    public static long Number(this DbDataReader row, string column) => (long)row[column];

    public static DateTimeOffset Time(this DbDataReader row, string column) => new((long)row[column], TimeSpan.Zero);

    public static DateTimeOffset? TimeOrNull(this DbDataReader row, string column) => row[column] is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
}
