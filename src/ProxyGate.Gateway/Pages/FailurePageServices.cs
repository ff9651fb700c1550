using Microsoft.Extensions.DependencyInjection;

namespace ProxyGate.Gateway.Pages;

internal static class FailurePageServices
{
    public static IServiceCollection AddFailurePages(this IServiceCollection services) =>
        services.AddSingleton<AudiencePolicy>().AddSingleton<FailurePages>();
}
