namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Chance that can be repeated: everything a case is made of comes from its seed.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public int Seed => seed;

    /// <summary>From 0 to below <paramref name="count"/>.</summary>
    public int Below(int count) => _random.Next(count);

    public int Between(int least, int most) => _random.Next(least, most + 1);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => _random.Next(times) == 0;

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    public byte Byte() => (byte)_random.Next(256);

    public byte[] Blob(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Mostly short, now and then long.</summary>
    public int Size() => Below(8) switch { 0 => 0, 1 => Between(1, 20_000), _ => Between(1, 60) };

    public string Text(string signs, int least, int most) => string.Create(Between(least, most), (this, signs), static (span, state) =>
    {
        foreach (ref var c in span) c = state.signs[state.Item1.Below(state.signs.Length)];
    });

    /// <summary>The bytes in pieces, cut at random places.</summary>
    public byte[][] Pieces(byte[] bytes)
    {
        var cuts = Enumerable.Range(0, Below(5)).Select(_ => Below(bytes.Length + 1)).Append(bytes.Length).Distinct().Order();
        var pieces = new List<byte[]>();
        var from = 0;
        foreach (var cut in cuts)
        {
            if (cut > from) pieces.Add(bytes[from..cut]);
            from = cut;
        }

        return [.. pieces];
    }
}
