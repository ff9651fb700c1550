namespace ProxyGate.Simulation.Wire;

/// <summary>A fault that is one script, run on each connection to a loopback port of its own.</summary>
internal abstract class TcpFault(string id, string family, string summary, FaultExpectation expect) : Fault(id, family, summary, expect)
{
    /// <summary>What goes wrong. After it returns, the connection is closed with a FIN, unless it was reset.</summary>
    protected abstract Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken);

    protected virtual string Scheme => "http";

    /// <summary>A small one makes an upstream that does not read block its sender soon.</summary>
    protected virtual int? ReceiveBuffer => null;

    protected virtual FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Default;

    public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
    {
        var listener = new FaultListener(environment.Endpoint, environment, ServeAsync, ReceiveBuffer);
        return Task.FromResult(new RunningFault(this, $"{Scheme}://127.0.0.1:{listener.Port}", Cluster(environment), listener));
    }
}

/// <summary>How a script ends its connection.</summary>
internal enum Ending
{
    /// <summary>In order.</summary>
    Fin,

    /// <summary>At once.</summary>
    Rst,

    /// <summary>Not at all: it stays open and silent.</summary>
    Hang,

    /// <summary>Not at all: the next request on it is served in the same way.</summary>
    KeepAlive,
}

/// <summary>Reads a whole request, answers with fixed bytes and ends in a given way.</summary>
internal abstract class AnswerFault(string id, string family, string summary, FaultExpectation expect, string answer, Ending ending = Ending.Fin)
    : TcpFault(id, family, summary, expect)
{
    protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReadRequestAsync(cancellationToken) is not null)
        {
            if (answer.Length > 0)
                await connection.SendAsync(answer, cancellationToken);
            if (await EndAsync(connection, ending, answer.Length > 0, cancellationToken))
                return;
        }
    }

    /// <summary>Whether the connection is at its end.</summary>
    internal static async Task<bool> EndAsync(UpstreamConnection connection, Ending ending, bool afterBytes, CancellationToken cancellationToken)
    {
        if (ending is Ending.KeepAlive)
            return false;
        if (ending is Ending.Hang)
            await connection.HangAsync(cancellationToken);
        else if (afterBytes)
            await UpstreamConnection.PauseAsync(cancellationToken);
        if (ending is Ending.Rst)
            connection.Reset();
        return true;
    }
}
