using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Host;

/// <summary>One look: where to read, how long, and what could not be seen. A technique that fails leaves a blind spot, never an exception.</summary>
internal sealed class Sight(HostPaths paths, TimeProvider time, CancellationToken stop)
{
    private readonly ConcurrentQueue<BlindSpot> _notSeen = new();
    private readonly ConcurrentQueue<StepTime> _steps = new();

    public HostPaths Paths { get; } = paths;

    public TimeProvider Time { get; } = time;

    /// <summary>Set when the look's time is over.</summary>
    public CancellationToken Stop { get; } = stop;

    public IReadOnlyList<BlindSpot> NotSeen => [.. _notSeen.Distinct()];

    public IReadOnlyList<StepTime> Steps => [.. _steps];

    public void Miss(string what, string why) => _notSeen.Enqueue(new BlindSpot(what, why));

    public string Proc(params ReadOnlySpan<string> parts) => Path.Combine([Paths.Proc, .. parts]);

    public string Proc(int pid, string part) => Path.Combine(Paths.Proc, pid.ToString(CultureInfo.InvariantCulture), part);

    /// <summary>Runs one technique.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="shows">What it would show, for the blind spot it leaves when it fails.</param>
    /// <param name="look">The technique.</param>
    public T? Look<T>(string step, string shows, Func<T?> look)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            return look();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Miss(shows, Why(error));
            return default;
        }
        finally
        {
            Took(step, start);
        }
    }

    /// <inheritdoc cref="Look{T}"/>
    public async Task<T?> LookAsync<T>(string step, string shows, Func<Task<T?>> look)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            return await look();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Miss(shows, Why(error));
            return default;
        }
        finally
        {
            Took(step, start);
        }
    }

    /// <summary>The text of a file the kernel writes as it is read, up to a limit; absent when there is no such file, or it may not be read.</summary>
    public static string? ReadText(string path, int limit = 64 * 1024)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var buffer = new byte[Math.Min(limit, 16 * 1024)];
            var length = 0;
            while (length < limit)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(limit, buffer.Length * 2));
                var read = RandomAccess.Read(file, buffer.AsSpan(length), length);
                if (read == 0) break;
                length += read;
            }

            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Processes end, and groups go, between being listed and being read: nothing to see there is an answer.
            return null;
        }
    }

    public static long? ReadNumber(string path) =>
        long.TryParse(ReadText(path, 64)?.Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Took(string step, long start) =>
        _steps.Enqueue(new StepTime(step, Math.Round(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, 2)));

    private string Why(Exception error) => error switch
    {
        OperationCanceledException or TimeoutException => Stop.IsCancellationRequested ? "there was no time left for it" : "it took too long",
        UnauthorizedAccessException => "the gateway may not read it",
        Win32Exception or IOException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message}",
    };
}
