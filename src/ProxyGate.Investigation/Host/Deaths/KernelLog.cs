using System.ComponentModel;
using System.Text;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>Reads the kernel's log without waiting for more of it. It needs CAP_SYSLOG where kernel.dmesg_restrict is set.</summary>
internal static class KernelLog
{
    private const int MostRecords = 50_000;
    private const int RecordSize = 8192;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(400);

    public static IReadOnlyCollection<KernelEvent> Read(Sight sight)
    {
        const string Shows = "OOM kills and crashes in the kernel log";
        var parser = new KernelLogParser();
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            using var log = Native.OpenWithoutWaiting(sight.Paths.KernelLog);
            var buffer = new byte[RecordSize];
            for (var records = 0; records < MostRecords; records++)
            {
                if (sight.Stop.IsCancellationRequested || TimeProvider.System.GetElapsedTime(start) > s_limit)
                {
                    sight.Miss(Shows, "the kernel log is too long to be read in time");
                    break;
                }

                var length = Native.Read(log, buffer);
                if (length is 0 or -Native.Again) break;

                // The oldest records were overwritten while it was read: the next call goes on with those that are left.
                if (length == -Native.BrokenPipe) continue;
                if (length < 0) throw new Win32Exception(-length);

                parser.Add(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Win32Exception error)
        {
            sight.Miss(Shows, error.NativeErrorCode is Native.NotPermitted or Native.AccessDenied
                ? "reading the kernel log needs root or CAP_SYSLOG"
                : $"{sight.Paths.KernelLog}: {error.Message}");
        }

        return parser.Events;
    }
}
