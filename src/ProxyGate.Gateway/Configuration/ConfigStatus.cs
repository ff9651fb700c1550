namespace ProxyGate.Gateway.Configuration;

/// <summary>What is said of the configuration in force, and of the last one that was not taken over.</summary>
internal sealed class ConfigStatus
{
    private volatile State _state = new(null, default, default, [], null, ConfigLines.None);

    /// <summary>The file; absent when the configuration came from the command line.</summary>
    public string? File => _state.File;

    /// <summary>When the gateway started with, or took over, the configuration in force.</summary>
    public DateTimeOffset LoadedAt => _state.LoadedAt;

    /// <summary>How often a changed file has been taken over since the start.</summary>
    public int Reloads => _state.Reloads;

    /// <summary>Why the file as it stands now is not in force; empty when it is.</summary>
    public IReadOnlyList<ConfigMistake> LastReloadErrors => _state.Errors;

    /// <summary>When the file as it stands now was refused; absent when it is in force.</summary>
    public DateTimeOffset? LastReloadFailedAt => _state.FailedAt;

    /// <summary>Where the routes and destinations in force are written.</summary>
    public ConfigLines Lines => _state.Lines;

    public void Loaded(string? file, DateTimeOffset at, ConfigLines? lines = null) => _state = new State(file, at, 0, [], null, lines ?? ConfigLines.None);

    public void Reloaded(DateTimeOffset at, ConfigLines lines) =>
        _state = _state with { LoadedAt = at, Reloads = _state.Reloads + 1, Errors = [], FailedAt = null, Lines = lines };

    public void Refused(IReadOnlyList<ConfigMistake> errors, DateTimeOffset at) => _state = _state with { Errors = errors, FailedAt = at };

    /// <summary>The file has gone back to what is in force.</summary>
    public void Unchanged() => _state = _state with { Errors = [], FailedAt = null };

    private sealed record State(string? File, DateTimeOffset LoadedAt, int Reloads, IReadOnlyList<ConfigMistake> Errors, DateTimeOffset? FailedAt, ConfigLines Lines);
}
