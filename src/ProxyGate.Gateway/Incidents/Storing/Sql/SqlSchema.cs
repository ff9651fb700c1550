namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>
/// The tables, as steps from one version to the next; the same words are understood by SQLite and PostgreSQL. A released step is never changed:
/// what is to be different is a further step. Times are ticks of UTC, durations ticks.
/// </summary>
internal static class SqlSchema
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE gateways (
          name TEXT NOT NULL PRIMARY KEY, instance TEXT NOT NULL, host TEXT NOT NULL, process BIGINT NOT NULL, started BIGINT NOT NULL, seen BIGINT NOT NULL);
        CREATE TABLE incidents (
          id TEXT NOT NULL PRIMARY KEY, gateway TEXT NOT NULL, route TEXT, cluster TEXT, destination TEXT, cause TEXT NOT NULL, status BIGINT NOT NULL,
          first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, count BIGINT NOT NULL, saved BIGINT NOT NULL, last_success BIGINT, recovered_at BIGINT,
          downtime BIGINT NOT NULL, flaps BIGINT NOT NULL, worsened_at BIGINT, sentence TEXT, hint TEXT, blames BIGINT NOT NULL, reached_app BIGINT NOT NULL,
          outages TEXT NOT NULL, paths TEXT NOT NULL, clients TEXT NOT NULL, changed BIGINT NOT NULL);
        CREATE INDEX incidents_by_last_seen ON incidents (status, last_seen);
        CREATE INDEX incidents_by_change ON incidents (changed);
        CREATE TABLE minutes (
          incident TEXT NOT NULL, minute BIGINT NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (incident, minute));
        CREATE INDEX minutes_by_minute ON minutes (minute);
        CREATE TABLE failures (
          id TEXT NOT NULL, time BIGINT NOT NULL, incident TEXT NOT NULL, gateway TEXT NOT NULL, route TEXT, cluster TEXT, destination TEXT, cause TEXT NOT NULL,
          stage TEXT NOT NULL, party TEXT NOT NULL, status BIGINT NOT NULL, saved BIGINT NOT NULL, occurrences BIGINT NOT NULL, method TEXT NOT NULL,
          host TEXT NOT NULL, path TEXT NOT NULL, client TEXT NOT NULL, duration DOUBLE PRECISION NOT NULL, sentence TEXT NOT NULL, hint TEXT,
          is_first BIGINT NOT NULL, facts TEXT, PRIMARY KEY (id, time));
        CREATE INDEX failures_by_time ON failures (time, id);
        CREATE INDEX failures_by_incident ON failures (incident, time);
        """,
        // What looks found: the look once, however many failures were told with it.
        """
        CREATE TABLE looks (id TEXT NOT NULL PRIMARY KEY, time BIGINT NOT NULL, facts TEXT NOT NULL);
        CREATE TABLE findings (
          incident TEXT NOT NULL, time BIGINT NOT NULL, failure TEXT NOT NULL, look TEXT NOT NULL, facts TEXT, PRIMARY KEY (incident, time));
        ALTER TABLE failures ADD COLUMN look TEXT;
        """,
        // Which failures of a storm a line stands for: five bytes an id.
        """
        CREATE TABLE folded (
          failure TEXT NOT NULL, time BIGINT NOT NULL, incident TEXT NOT NULL, count BIGINT NOT NULL, bytes BIGINT NOT NULL, ids BYTEA NOT NULL, PRIMARY KEY (failure, time));
        CREATE INDEX folded_by_time ON folded (time, bytes);
        """,
        // What webhooks have yet to be told.
        """
        CREATE TABLE outbox (delivery TEXT NOT NULL PRIMARY KEY, gateway TEXT NOT NULL, webhook TEXT NOT NULL, time BIGINT NOT NULL, body BYTEA NOT NULL);
        """,
    ];

    public static int Version => Steps.Count;
}
