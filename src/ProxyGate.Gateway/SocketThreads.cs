namespace ProxyGate.Gateway;

/// <summary>
/// The runtime has a few threads that wait for all sockets. By default each event is handed to the thread pool, which costs a request several changes of
/// thread; here what waits for a socket goes on at once on the thread that waited. So nothing there may block or take long: what does, runs elsewhere.
/// </summary>
internal static class SocketThreads
{
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>The thread pool, in a form that awaits come back to.</summary>
    private static readonly TaskScheduler ThreadPool = new ConcurrentExclusiveSchedulerPair().ConcurrentScheduler;

    /// <summary>Goes on at once on the threads that wait for sockets, unless the environment says otherwise (0). To be called before the first socket is made.</summary>
    public static void GoOnAtOnce()
    {
        // The runtime reads it there and nowhere else.
        if (Environment.GetEnvironmentVariable(Switch) is null) Environment.SetEnvironmentVariable(Switch, "1");
    }

    /// <summary>Runs what may block or take long, and all that follows its awaits, on the thread pool.</summary>
    public static Task RunElsewhere(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, ThreadPool).Unwrap();
}
