using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// A password as it may stand in a file: <c>$pbkdf2-sha512$i=210000$SALT$HASH</c>, salt and hash in base 64 without padding. PBKDF2 with
/// HMAC-SHA-512; the iterations stand with each hash, so that they can grow.
/// </summary>
internal sealed record PasswordHash(int Iterations, byte[] Salt, byte[] Hash)
{
    public const int LongestPassword = 256;

    private const string Scheme = "pbkdf2-sha512";
    private const int UsualIterations = 210_000;
    private const int LeastIterations = 100_000;
    private const int MostIterations = 5_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Nobody's: compared with where the name is not known, so that both take the same time.</summary>
    public static PasswordHash Nobody { get; } = new(UsualIterations, new byte[SaltBytes], new byte[HashBytes]);

    public static PasswordHash Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(UsualIterations, salt, Derive(password, salt, UsualIterations, HashBytes));
    }

    public static bool TryParse(string text, out PasswordHash hash, out string mistake)
    {
        hash = Nobody;
        var parts = text.Split('$');
        if (parts.Length != 5 || parts[0].Length > 0 || parts[1] != Scheme)
        {
            mistake = $"is no password hash of the form ${Scheme}$i=N$SALT$HASH; make one with: proxygate check --hash-password";
            return false;
        }

        if (!parts[2].StartsWith("i=", StringComparison.Ordinal)
            || !int.TryParse(parts[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < LeastIterations or > MostIterations)
        {
            mistake = string.Create(CultureInfo.InvariantCulture, $"must have from {LeastIterations} to {MostIterations} iterations (i=…)");
            return false;
        }

        if (!TryBase64(parts[3], out var salt) || salt.Length < 8 || !TryBase64(parts[4], out var bytes) || bytes.Length < 20)
        {
            mistake = "has a damaged salt or hash; make a new one with: proxygate check --hash-password";
            return false;
        }

        hash = new PasswordHash(iterations, salt, bytes);
        mistake = "";
        return true;
    }

    public bool Fits(string password) =>
        password.Length <= LongestPassword && CryptographicOperations.FixedTimeEquals(Derive(password, Salt, Iterations, Hash.Length), Hash);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"${Scheme}$i={Iterations}${Base64(Salt)}${Base64(Hash)}");

    private static byte[] Derive(string password, byte[] salt, int iterations, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, length);

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[128];
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        if (!Convert.TryFromBase64String(padded, bytes, out var length)) return false;
        bytes = bytes[..length];
        return true;
    }
}
