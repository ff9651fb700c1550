using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public sealed class BlockPoolTests
{
    [Fact]
    public void A_block_is_given_to_one_at_a_time_however_often_it_is_given_back()
    {
        using var pool = new BlockPool();
        var first = pool.Rent(4096);
        Assert.Equal(16 * 1024, first.Memory.Length);
        first.Dispose();
        first.Dispose();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < 1000; i++) Assert.True(seen.Add(pool.Rent()));
    }

    [Fact]
    public async Task Blocks_given_back_on_another_processor_are_given_out_again()
    {
        using var pool = new BlockPool();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < 200; i++)
        {
            var block = await Task.Run(() => pool.Rent(), TestContext.Current.CancellationToken);
            seen.Add(block);
            await Task.Run(block.Dispose, TestContext.Current.CancellationToken);
        }

        Assert.Single(seen);
    }

    [Fact]
    public void More_than_a_block_is_not_to_be_had()
    {
        using var pool = new BlockPool();
        Assert.Equal(16 * 1024, pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }
}
