using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Tests.Events;

public sealed class FailureIdTests
{
    [Fact]
    public void Ids_are_two_groups_of_four_and_do_not_repeat()
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, 20_000).Select(_ => FailureId.New(random)).ToList();

        Assert.All(ids, id => Assert.Matches("^[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$", id));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("K7MQ-3F9X", "k7mq-3f9x")]
    [InlineData(" k7mq 3f9x ", "k7mq-3f9x")]
    [InlineData("OOIL-abcd", "0011-abcd")]
    public void What_a_person_types_is_understood(string typed, string id)
    {
        Assert.True(FailureId.TryParse(typed, out var parsed));
        Assert.Equal(id, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("k7mq-3f9")]
    [InlineData("k7mq-3f9xx")]
    [InlineData("k7mq-3f9u")]
    public void What_is_no_id_is_refused(string? typed) => Assert.False(FailureId.TryParse(typed, out _));
}
