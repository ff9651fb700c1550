using System.Data.Common;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>What differs between the databases.</summary>
internal abstract class SqlDatabase : IAsyncDisposable
{
    public abstract string Kind { get; }

    /// <summary>Without credentials.</summary>
    public abstract string Place { get; }

    /// <summary>The operator that finds text whatever its case, with <c>\</c> as the escape.</summary>
    public abstract string Like { get; }

    /// <summary>The place of some bytes in a column of bytes, from 1; 0 when they are not in it.</summary>
    public abstract string PlaceOf(string bytes, string column);

    /// <summary>Makes the database usable: creates what is missing and brings its tables to this version.</summary>
    /// <exception cref="StoreException">Why it cannot be.</exception>
    public abstract Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>For a reader that changes nothing: the database must be there, and of a version this one can read.</summary>
    /// <exception cref="StoreException">Why it cannot be read.</exception>
    public abstract Task PrepareReadingAsync(CancellationToken cancellationToken);

    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Begins a transaction in which no other gateway claims a name.</summary>
    public abstract Task<DbTransaction> BeginClaimAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>The bytes that what is kept takes.</summary>
    public abstract Task<long> SizeAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Gives room that was freed back to the system, where that is asked for.</summary>
    public abstract Task ShrinkAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Whether it is still what was opened.</summary>
    public virtual bool IsThere => true;

    /// <summary>What an error of the database means for the store.</summary>
    public abstract StoreException Explain(Exception e);

    public abstract ValueTask DisposeAsync();

    protected static StoreException TooNew(string place, long version) => new(
        StoreTrouble.TooNew, FormattableString.Invariant($"{place} was made by a later version of ProxyGate (its schema is {version}, this one knows {SqlSchema.Version})."));
}
