using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Gateway.Pages;

internal static class FailurePageServices
{
    public static IServiceCollection AddFailurePages(this IServiceCollection services) =>
        services.AddSingleton<AudiencePolicy>().AddSingleton<PublicAnswers>().AddSingleton<OperatorAnswers>().AddSingleton<FailurePages>();
}
