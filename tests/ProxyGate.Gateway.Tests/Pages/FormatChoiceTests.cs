using ProxyGate.Gateway.Pages;

namespace ProxyGate.Gateway.Tests.Pages;

public class FormatChoiceTests
{
    [Theory]
    [InlineData(null, "Text")]
    [InlineData("", "Text")]
    [InlineData("*/*", "Text")]
    [InlineData("*/*;q=0.1", "Text")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "Html")]
    [InlineData("text/html", "Html")]
    [InlineData("TEXT/HTML", "Html")]
    [InlineData("text/*", "Html")]
    [InlineData("text/html;q=0.5, text/plain", "Text")]
    [InlineData("text/html;q=0.5, */*", "Text")]
    [InlineData("text/html;q=0, text/*", "Markdown")]
    [InlineData("text/html;q=0, */*", "Text")]
    [InlineData("application/json", "ProblemJson")]
    [InlineData("application/problem+json", "ProblemJson")]
    [InlineData("application/*", "ProblemJson")]
    [InlineData("application/json, text/plain, */*", "ProblemJson")]
    [InlineData("application/json;q=0.8, text/html;q=0.9", "Html")]
    [InlineData("application/json, */*;q=0.5", "ProblemJson")]
    [InlineData("text/markdown", "Markdown")]
    [InlineData("text/markdown, text/html;q=0.9", "Markdown")]
    [InlineData("text/plain", "Text")]
    [InlineData("text/html;level=1", "Html")]
    [InlineData("text/html; q=\"x\", application/json;q=0.1", "ProblemJson")]
    [InlineData("text/html;q=2, application/json;q=0.1", "ProblemJson")]
    [InlineData("image/png", "Text")]
    [InlineData("image/avif,image/webp,image/png,*/*;q=0.8", "Text")]
    [InlineData("*/html", "Text")]
    [InlineData("text", "Text")]
    [InlineData(",,;q=1,/,text/,/html", "Text")]
    public void The_form_follows_accept(string? accept, string expected) => Assert.Equal(expected, FormatChoice.Of(accept).ToString());

    [Fact]
    public void Several_fields_count_as_one_list() =>
        Assert.Equal(AnswerFormat.ProblemJson, FormatChoice.Of(new Microsoft.Extensions.Primitives.StringValues(["text/html;q=0.2", "application/json"])));

    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc-web+proto", true)]
    [InlineData("application/grpc; charset=utf-8", true)]
    [InlineData("application/grpcx", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void A_grpc_call_is_known_by_its_content_type(string? contentType, bool expected) => Assert.Equal(expected, FormatChoice.IsGrpc(contentType));
}
