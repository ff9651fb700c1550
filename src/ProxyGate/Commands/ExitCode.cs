namespace ProxyGate.Commands;

/// <summary>What the program's exit says; scripts rely on it.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>The answer is "no": an invalid configuration, an unhealthy destination.</summary>
    public const int No = 1;

    public const int WrongUsage = 2;

    /// <summary>A port is taken, a file cannot be read.</summary>
    public const int CouldNotRun = 3;
}
