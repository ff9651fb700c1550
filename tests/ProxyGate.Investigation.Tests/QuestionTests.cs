namespace ProxyGate.Investigation.Tests;

public sealed class QuestionTests
{
    [Fact]
    public void A_question_holds_nothing_of_the_clients_request() =>
        Assert.DoesNotContain(typeof(Question).GetProperties(), p => p.Name.Contains("Header", StringComparison.Ordinal) || p.Name.Contains("Body", StringComparison.Ordinal) || p.Name.Contains("Cookie", StringComparison.Ordinal));
}
