using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

public sealed class PasswordHashTests
{
    [Fact]
    public void A_hash_fits_its_password_and_no_other_and_is_never_the_same_twice()
    {
        var text = PasswordHash.Of("pässword 🔑").ToString();
        Assert.Matches(@"^\$pbkdf2-sha512\$i=210000\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$", text);
        Assert.True(PasswordHash.TryParse(text, out var hash, out _));
        Assert.True(hash.Fits("pässword 🔑"));
        Assert.False(hash.Fits("password 🔑"));
        Assert.False(hash.Fits(""));
        Assert.NotEqual(text, PasswordHash.Of("pässword 🔑").ToString());
    }

    /// <summary>From Python's hashlib.pbkdf2_hmac('sha512', b'password', b'saltsaltsaltsalt', 100000, 32).</summary>
    [Fact]
    public void It_is_the_PBKDF2_that_everybody_has()
    {
        Assert.True(PasswordHash.TryParse("$pbkdf2-sha512$i=100000$c2FsdHNhbHRzYWx0c2FsdA$vtSoEFFE/jYHDnuzFXVWIYvJ1cDlP05xesOoGZCAe8E", out var hash, out var mistake), mistake);
        Assert.True(hash.Fits("password"));
    }

    [Theory]
    [InlineData("hunter2", "is no password hash")]
    [InlineData("$2b$12$abcdefghijklmnopqrstuv", "is no password hash")]
    [InlineData("$pbkdf2-sha512$i=1000$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2g", "iterations")]
    [InlineData("$pbkdf2-sha512$i=99999999999$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2g", "iterations")]
    [InlineData("$pbkdf2-sha512$i=210000$c2Fs$aGFzaGhhc2hoYXNoaGFzaGhhc2g", "damaged")]
    [InlineData("$pbkdf2-sha512$i=210000$c2FsdHNhbHRzYWx0c2FsdA$!!", "damaged")]
    public void What_is_no_hash_is_refused_with_the_way_to_make_one(string text, string mistake)
    {
        Assert.False(PasswordHash.TryParse(text, out _, out var said));
        Assert.Contains(mistake, said, StringComparison.Ordinal);
    }
}
