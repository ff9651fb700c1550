using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents.Storing.Sql;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>Opens a store beside the gateway that writes it, to read only.</summary>
internal static class StoreReading
{
    /// <exception cref="StoreException">Why it cannot be read, as a sentence.</exception>
    public static async Task<IIncidentStore> OpenAsync(IncidentSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        SqlDatabase database = settings.Store switch
        {
            "postgres" => new PostgresDatabase(settings.ConnectionString ?? ""),
            "sqlite" => new SqliteDatabase(settings.File, readOnly: true),
            _ => throw new StoreException(StoreTrouble.Lasting, "this gateway keeps its incidents in memory only; its admin listener shows them."),
        };
        try
        {
            await database.PrepareReadingAsync(cancellationToken);
            return new SqlStore(database, clock);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
