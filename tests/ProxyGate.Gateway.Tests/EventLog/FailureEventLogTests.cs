using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.EventLog.Writing;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class FailureEventLogTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_event_is_a_valid_line_in_the_file_and_a_readable_one_on_the_console()
    {
        var (file, console) = (new TestTarget(), new TestTarget());
        await WriteAsync(file, console, ConsoleStyle.Plain, log => log.Write(SomeFailure.Event()));

        await EventLineSchema.AssertValidFailureAsync(Assert.Single(file.Lines));
        Assert.Equal(
            "2026-03-01T07:03:12.345Z ERROR 502 connect_refused: GET shop.example/cart -> app1 (127.0.0.1:5000): Nothing listens on 127.0.0.1:5000. [k7mq-3f9x]",
            Assert.Single(console.Lines));
    }

    [Fact]
    public async Task The_journal_gets_a_priority_and_no_time()
    {
        var console = new TestTarget();
        await WriteAsync(new TestTarget(), console, ConsoleStyle.Journal, log =>
        {
            log.Write(SomeFailure.Event());
            log.Write(SomeFailure.Event(saved: true, status: 200));
        });

        Assert.StartsWith("<3>502 connect_refused:", console.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("<4>200 connect_refused, saved by a later attempt:", console.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x\r\n<0>forged\n2026-03-01T07:03:12.345Z ERROR forged")]
    [InlineData("\u001b[2J\u001b]0;owned\u0007\u009b31m")]
    [InlineData("a\0b\u2028c\u2029d\u202e")]
    public async Task Hostile_text_forges_no_line_and_does_nothing_to_a_terminal(string text)
    {
        var (file, console) = (new TestTarget(), new TestTarget());
        await WriteAsync(file, console, ConsoleStyle.Plain, log =>
        {
            var e = SomeFailure.Hostile(text);
            log.Write(e with { Diagnosis = e.Diagnosis with { Sentence = text } });
        });

        await EventLineSchema.AssertValidFailureAsync(Assert.Single(file.Lines));
        var line = string.Join('\n', console.Lines);
        Assert.DoesNotContain(line, c => (char.IsControl(c) && c != '\n') || c is '\u2028' or '\u2029' or '\u202e');
        Assert.All(console.Lines.Skip(1), l => Assert.StartsWith("2026-03-01T07:03:12.345Z ERROR     ", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failing_file_keeps_no_line_from_the_console_and_the_other_way_round()
    {
        var (file, console) = (new TestTarget { Failure = new IOException("full") }, new TestTarget());
        await WriteAsync(file, console, ConsoleStyle.Plain, log => log.Write(SomeFailure.Event()));
        Assert.Single(console.Lines);

        (file, console) = (new TestTarget(), new TestTarget());
        console.Block();
        await WriteAsync(file, console, ConsoleStyle.Plain, log => log.Write(SomeFailure.Event()));
        Assert.Single(file.Lines);
        console.Unblock();
    }

    [Fact]
    public async Task What_the_file_could_not_take_is_said_in_it_by_a_valid_line()
    {
        var line = FailureEventLog.DroppedLine(12, SomeFailure.Time, SomeFailure.Time.AddMinutes(1));

        await EventLineSchema.AssertValidDroppedAsync(line);
        Assert.Equal(12, ProxyGate.Diagnostics.Events.FailureEventReader.Dropped(line));
    }

    [Fact]
    public async Task A_storm_on_a_blocked_file_is_bounded_and_counted()
    {
        var file = new TestTarget();
        file.Block();
        await using var console = Console(new TestTarget(), ConsoleStyle.Plain);
        var log = Log(file, console, new EventSettings { Console = false });
        for (var i = 0; i < 10_000; i++) log.Write(SomeFailure.Event());

        Assert.InRange(log.Dropped, 1000, 9_999);
        file.Unblock();
        await Eventually.AssertAsync(() => file.Lines.Length == 10_000 - log.Dropped + 1, "what was kept, and word of the rest, is written");
        await EventLineSchema.AssertValidDroppedAsync(Assert.Single(file.Lines, l => l.Contains("proxygate.dropped/1", StringComparison.Ordinal)));
        await log.DisposeAsync();
    }

    [Fact]
    public async Task The_file_is_rolled_and_every_line_in_it_is_valid()
    {
        var path = _folder.File("logs/events.jsonl");
        await using var console = Console(new TestTarget(), ConsoleStyle.Plain);
        await using (var log = Log(new RollingFile(path, 20_000, 3), console, new EventSettings { Console = false }))
        {
            for (var i = 0; i < 100; i++) log.Write(i % 2 == 0 ? SomeFailure.Event() : SomeFailure.WithEveryFact());
        }

        var files = RollingFile.All(path);
        Assert.Equal(3, files.Count);
        foreach (var line in files.SelectMany(File.ReadLines)) await EventLineSchema.AssertValidFailureAsync(line);
    }

    [Theory]
    [InlineData(false, null, null, "Terminal")]
    [InlineData(false, null, "1", "Plain")]
    [InlineData(true, "8:1234", null, "Journal")]
    [InlineData(true, null, null, "Plain")]
    public void The_console_is_told_from_where_it_goes(bool redirected, string? journal, string? noColour, string style) =>
        Assert.Equal(style, ConsoleStyles.Detect(name => name == "JOURNAL_STREAM" ? journal : name == "NO_COLOR" ? noColour : null, redirected).ToString());

    private static async Task WriteAsync(TestTarget file, TestTarget consoleTarget, ConsoleStyle style, Action<FailureEventLog> write)
    {
        var console = Console(consoleTarget, style);
        var log = Log(file, console, new EventSettings { Console = true });
        write(log);
        await log.DisposeAsync();
        await console.DisposeAsync();
    }

    private static ConsoleLog Console(TestTarget target, ConsoleStyle style) => new(target, style, redirected: true, TimeProvider.System);

    private static FailureEventLog Log(ILineTarget file, ConsoleLog console, EventSettings settings) =>
        new(settings, file, console, openTelemetry: null, NullLogger.Instance, TimeProvider.System);
}
