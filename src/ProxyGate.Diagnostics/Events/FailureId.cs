namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// The short id of a failure, such as <c>k7mq-3f9x</c>: 40 random bits in two groups of Crockford's base 32, so that it can be read
/// aloud and typed back. It is the same in page, header and log. It names a failure, it guards nothing.
/// </summary>
public static class FailureId
{
    /// <summary>No i, l, o and u: they are misread or misheard.</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Symbols = 8;

    private static readonly int[] Values = [.. Enumerable.Range(0, 128).Select(c => Alphabet.IndexOf((char)c, StringComparison.Ordinal))];

    public static string New(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Of(random.NextInt64(1L << 40));
    }

    /// <summary>The id of these 40 bits.</summary>
    public static string Of(long bits) =>
        string.Create(Symbols + 1, bits, static (id, bits) =>
        {
            for (var i = 0; i < id.Length; i++)
            {
                if (i == Symbols / 2)
                {
                    id[i] = '-';
                    continue;
                }

                id[i] = Alphabet[(int)(bits & 31)];
                bits >>= 5;
            }
        });

    /// <summary>The 40 bits of an id as it is written; -1 for anything else.</summary>
    public static long BitsOf(string id)
    {
        if (id is not { Length: Symbols + 1 }) return -1;
        var bits = 0L;
        for (var i = Symbols; i >= 0; i--)
        {
            if (i == Symbols / 2)
            {
                if (id[i] != '-') return -1;
                continue;
            }

            // Read twenty thousand times a second in a storm.
            var symbol = id[i] < Values.Length ? Values[id[i]] : -1;
            if (symbol < 0) return -1;
            bits = (bits << 5) + symbol;
        }

        return bits;
    }

    /// <summary>
    /// The id as it was written from what a person typed or heard: upper case, a missing hyphen and O for 0, I or L for 1 are accepted.
    /// </summary>
    public static bool TryParse(string? typed, out string id)
    {
        id = "";
        if (typed is null || typed.Length > 32) return false;
        Span<char> symbols = stackalloc char[Symbols];
        var count = 0;
        foreach (var c in typed)
        {
            if (c is '-' or ' ') continue;
            var symbol = char.ToLowerInvariant(c) switch { 'o' => '0', 'i' or 'l' => '1', var other => other };
            if (count == Symbols || !Alphabet.Contains(symbol)) return false;
            symbols[count++] = symbol;
        }

        if (count != Symbols) return false;
        id = $"{symbols[..4]}-{symbols[4..]}";
        return true;
    }
}
