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

    [Fact]
    public void An_id_and_its_bits_are_one()
    {
        var random = new Random(2);
        foreach (var bits in Enumerable.Range(0, 10_000).Select(_ => random.NextInt64(1L << 40)).Concat([0, 1, (1L << 40) - 1])) Assert.Equal(bits, FailureId.BitsOf(FailureId.Of(bits)));
        Assert.All((string[])["", "k7mq-3f9", "k7mq-3f9u", "k7mq3-f9x", "K7MQ-3F9X", "inc-k7mq-3f9x"], id => Assert.Equal(-1, FailureId.BitsOf(id)));
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
