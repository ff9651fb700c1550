using ProxyGate.Gateway.Probing;

namespace ProxyGate.Gateway.Tests.Probing;

public sealed class GrpcProbeTests
{
    [Fact]
    public void The_question_is_a_length_prefixed_message_with_the_service_name()
    {
        Assert.Equal("0000000000", Convert.ToHexString(GrpcProbe.Question("")));
        Assert.Equal("0000000006" + "0A0463617274", Convert.ToHexString(GrpcProbe.Question("cart")));
        var longName = new string('a', 200);
        Assert.Equal("00000000CB" + "0AC801" + string.Concat(Enumerable.Repeat("61", 200)), Convert.ToHexString(GrpcProbe.Question(longName)));
    }

    [Theory]
    [InlineData("00000000020801", 1)]
    [InlineData("00000000020802", 2)]
    [InlineData("0000000000", 0)]
    [InlineData("", null)]
    [InlineData("00000000", null)]
    [InlineData("01000000020801", null)]
    [InlineData("00000000090801", null)]
    [InlineData("00FFFFFFFF0801", null)]
    [InlineData("00000000021001", null)]
    public void The_answer_is_read_or_called_none(string hex, int? state) => Assert.Equal(state, GrpcProbe.State(Convert.FromHexString(hex)));
}
