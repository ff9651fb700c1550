namespace ProxyGate.Gateway.Pages;

internal enum AnswerFormat
{
    Text,
    Html,
    ProblemJson,
    Markdown,
    Grpc,
}
