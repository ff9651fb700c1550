using System.Data.Common;
using Npgsql;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Whether a connection string is one that Npgsql understands.</summary>
internal static class PostgresWords
{
    private static readonly string[] s_usual =
    [
        "Host", "Port", "Database", "Username", "Password", "Passfile", "SSL Mode", "Root Certificate", "SSL Certificate", "SSL Key", "Search Path", "Timeout", "Command Timeout",
        "Application Name", "Maximum Pool Size", "Keepalive", "Options", "Target Session Attributes",
    ];

    public static ScalarMistake? Check(string text)
    {
        DbConnectionStringBuilder words = [];
        try
        {
            words.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return new ScalarMistake("is no connection string; it is written as \"Host=db;Database=proxygate;Username=proxygate\"");
        }

        foreach (string word in words.Keys)
        {
            try
            {
                new NpgsqlConnectionStringBuilder()[word] = words[word];
            }
            catch (Exception e) when (e is ArgumentException or KeyNotFoundException or FormatException or InvalidCastException or OverflowException)
            {
                return IsKnown(word)
                    ? new ScalarMistake($"has a value for {word} that cannot be meant")
                    : new ScalarMistake($"has the word \"{word}\", which Npgsql does not know", Spelling.Nearest(word, s_usual));
            }
        }

        return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host) ? new ScalarMistake("names no server", "Host=...") : null;
    }

    private static bool IsKnown(string word)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder().ContainsKey(word);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
