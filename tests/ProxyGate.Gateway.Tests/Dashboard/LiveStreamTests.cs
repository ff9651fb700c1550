using System.Net;
using System.Text.Json;
using ProxyGate.Gateway.Dashboard.Live;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class LiveStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_told_as_it_happens_and_the_stream_ends_with_the_gateway()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var reader = await OpenAsync(gateway);
        var failure = FailureEntries.Of(SomeFailure.Event(), "");

        gateway.Get<ChangeFeed>().Publish(new ArchiveChange(ArchiveChangeKind.Failure, Failure: failure));

        var change = await ChangeAsync(reader);
        Assert.Equal("failure", change.GetProperty("kind").GetString());
        Assert.Equal(failure.Id, change.GetProperty("failure").GetProperty("id").GetString());

        gateway.BeginDraining();
        while (await reader.ReadLineAsync(Stop) is not null) continue;
    }

    [Fact]
    public async Task In_a_storm_a_reader_gets_some_and_is_told_that_it_missed_others()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var reader = await OpenAsync(gateway);
        var failure = FailureEntries.Of(SomeFailure.Event(), "");
        for (var i = 0; i < 20_000; i++) gateway.Get<ChangeFeed>().Publish(new ArchiveChange(ArchiveChangeKind.Failure, Failure: failure));

        var told = 0;
        while ((await ChangeAsync(reader)).GetProperty("kind").GetString() != "missed") told++;

        Assert.InRange(told, 1, 1000);
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_happened_since()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds();
        var incident = await DashboardData.PlainAsync(gateway);

        using var reader = await OpenAsync(gateway, before.ToString(System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(incident, (await ChangeAsync(reader)).GetProperty("incident").GetProperty("id").GetString());
        Assert.Equal("abcd-1234", (await ChangeAsync(reader)).GetProperty("failure").GetProperty("id").GetString());
        Assert.Equal("abcd-5678", (await ChangeAsync(reader)).GetProperty("failure").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Only_so_many_can_follow_and_who_leaves_makes_room()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var readers = new List<StreamReader>();
        for (var i = 0; i < LiveStream.MostReaders; i++) readers.Add(await OpenAsync(gateway));
        using (var refused = await gateway.GetAsync("/api/stream")) Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        foreach (var reader in readers) reader.Dispose();

        var deadline = DateTime.UtcNow.AddSeconds(15);
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/api/stream"));
            using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
            if (answer.StatusCode == HttpStatusCode.OK) return;
            Assert.True(DateTime.UtcNow < deadline, "Nobody's room was given back.");
            await Task.Delay(20, Stop);
        }
    }

    private static async Task<StreamReader> OpenAsync(AdminHarness gateway, string? last = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/api/stream"));
        if (last is not null) request.Headers.Add("Last-Event-ID", last);
        var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        Assert.StartsWith("retry: ", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        return reader;
    }

    private static async Task<JsonElement> ChangeAsync(StreamReader reader)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var line = await reader.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("The stream ended.");
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonElement.Parse(line["data: ".Length..]);
        }
    }
}
