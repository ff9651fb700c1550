using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Investigation;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Gateway.Investigating;

internal static class InvestigatingServices
{
    public static IServiceCollection AddInvestigating(this IServiceCollection services)
    {
        services.AddSingleton<HostPaths>();
        services.AddSingleton<ListenerMemory>();
        services.AddSingleton<DnsMemory>();
        services.AddSingleton<HostLook>();
        services.AddSingleton(provider => new ProbeLook(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Investigator>();
        services.AddSingleton<WorkingAddresses>();
        services.AddSingleton<WorkingCertificates>();
        services.AddSingleton<Recoveries>();
        services.AddSingleton<WhileWell>();
        services.AddSingleton<LookBook>();
        services.AddSingleton<Questions>();
        services.AddSingleton<InvestigationDesk>();
        services.AddHostedService(provider => provider.GetRequiredService<InvestigationDesk>());
        services.AddSingleton<ListenerSampler>();
        services.AddHostedService(provider => provider.GetRequiredService<ListenerSampler>());
        return services;
    }
}
