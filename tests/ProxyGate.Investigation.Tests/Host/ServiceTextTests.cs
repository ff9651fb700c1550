using System.Text;
using System.Text.Json;
using ProxyGate.Investigation.Host.Services;

namespace ProxyGate.Investigation.Tests.Host;

public sealed class ServiceTextTests
{
    private static readonly DateTimeOffset s_at = new(2024, 5, 2, 9, 11, 12, TimeSpan.Zero);

    [Theory]
    [InlineData("ActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=3\nNRestarts=5\nExecMainExitTimestampMonotonic=1000000", 3, null, true)]
    [InlineData("ActiveState=failed\nResult=signal\nExecMainCode=2\nExecMainStatus=9", null, 9, true)]
    [InlineData("ActiveState=failed\nResult=core-dump\nExecMainCode=3\nExecMainStatus=11", null, 11, true)]
    [InlineData("ActiveState=inactive\nResult=success\nExecMainCode=1\nExecMainStatus=0\nExecMainExitTimestampMonotonic=5", 0, null, true)] // stopped on purpose
    [InlineData("ActiveState=active\nSubState=running\nResult=success\nExecMainCode=0\nExecMainStatus=0\nNRestarts=0\nExecMainExitTimestampMonotonic=0", null, null, false)]
    [InlineData("ActiveState=active\nResult=success", null, null, false)] // an old systemd lacks the rest
    public void Units_are_read(string shown, int? exitCode, int? signal, bool tells)
    {
        var unit = UnitSeen.Parse("app.service", shown, s_at)!;
        Assert.Equal((exitCode, signal, tells), (unit.ExitCode, unit.Signal, unit.TellsAnEnd));
        Assert.False(unit.OomKilled);
    }

    [Theory]
    [InlineData("")]
    [InlineData("LoadState=not-found\nActiveState=inactive")]
    [InlineData("=\n===\nx")]
    public void Units_that_are_not_known_are_absent(string shown) => Assert.Null(UnitSeen.Parse("app.service", shown, s_at));

    [Fact]
    public void The_journal_is_believed_only_where_systemd_itself_wrote()
    {
        var journal = UnitJournal.Parse("app.service", Recorded.JournalOomKilled(Recorded.Micros(s_at)), s_at.AddMinutes(-1));
        Assert.Equal((true, 9, null, s_at), (journal.OomKilled, journal.Signal!.Value, journal.ExitCode, journal.EndedAt!.Value));

        var forged = """{"__REALTIME_TIMESTAMP":"1714641072000000","_PID":"42","MESSAGE_ID":"d9b373ed55a64feb8242e02dbe79a49c","UNIT":"app.service","UNIT_RESULT":"oom-kill","MESSAGE":"app.service: Failed with result 'oom-kill'."}""";
        Assert.False(UnitJournal.Parse("app.service", forged, s_at.AddYears(-1)).OomKilled);
        Assert.False(UnitJournal.Parse("other.service", forged.Replace("\"42\"", "\"1\"", StringComparison.Ordinal), s_at.AddYears(-1)).OomKilled);
    }

    [Fact]
    public void An_end_before_the_process_was_last_seen_is_not_its_end() =>
        Assert.Null(UnitJournal.Parse("app.service", Recorded.JournalOomKilled(Recorded.Micros(s_at)), s_at.AddMinutes(1)).EndedAt);

    [Fact]
    public void Lines_that_are_bytes_or_cut_do_not_break_the_journal()
    {
        var journal = UnitJournal.Parse("app.service", "-- No entries --\n{\"MESSAGE\":[104,105,27,255]}\n{\"MESSAGE\":\"last\"}\n{\"MESSAGE\":\"cut", s_at);
        Assert.Equal(2, journal.Lines.Count);
        Assert.StartsWith("hi", journal.Lines[0], StringComparison.Ordinal);
        Assert.Equal("last", journal.Lines[1]);
    }

    [Fact]
    public void Where_two_containers_could_be_meant_none_is()
    {
        using var list = JsonDocument.Parse($$"""[{"Id":"{{new string('a', 64)}}","Names":["/web"],"Ports":[{"PublicPort":80,"Type":"tcp"}]},{"Id":"{{new string('b', 64)}}","Names":["/web2"],"Ports":[{"PublicPort":80,"Type":"tcp"},{"PublicPort":81,"Type":"tcp"}]}]""");
        Assert.Null(ContainerList.Find(list.RootElement, new ContainerSought(null, 80, null, null)));
        Assert.Equal(new string('b', 64), ContainerList.Find(list.RootElement, new ContainerSought(null, 81, null, null)));
        Assert.Equal(new string('a', 64), ContainerList.Find(list.RootElement, new ContainerSought(null, null, null, "web")));
        Assert.Null(ContainerList.Find(list.RootElement, new ContainerSought(null, null, null, null)));
    }

    [Fact]
    public void Container_logs_are_read_with_and_without_frames_and_when_cut()
    {
        Assert.Equal(["a", "b"], ContainerSeen.ParseLog(Recorded.DockerLog("a", "b"), 5));
        Assert.Equal(["b"], ContainerSeen.ParseLog(Recorded.DockerLog("a", "b"), 1));
        Assert.Equal(["tty line"], ContainerSeen.ParseLog(Encoding.UTF8.GetBytes("tty line\r\n"), 5));
        Assert.Equal(["ab"], ContainerSeen.ParseLog([1, 0, 0, 0, 255, 255, 255, 255, 97, 98], 5));
        Assert.Empty(ContainerSeen.ParseLog([], 5));
    }

    [Theory]
    [InlineData("""{"items":[{"status":{"phase":"Running","containerStatuses":[{"name":"a","state":{"running":{}},"lastState":{}}]}}]}""")]
    [InlineData("""{"items":[{"spec":{"hostNetwork":true},"status":{"phase":"Running","containerStatuses":[{"name":"a","lastState":{"terminated":{"exitCode":1}}}]}}]}""")]
    [InlineData("""{"items":[{"status":{"phase":"Running","containerStatuses":[{"lastState":{"terminated":{}}}]}},{"status":{"phase":"Running"}}]}""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""[]""")]
    public void Pods_that_tell_no_end_or_not_whose_are_absent(string pods)
    {
        using var list = JsonDocument.Parse(pods);
        Assert.Null(PodSeen.Parse(list.RootElement));
    }
}
