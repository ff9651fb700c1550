#pragma warning disable IDE0055
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Diagnostics.Events;
namespace ProxyGate.Gateway.Pages;
internal sealed class FailurePages { public async Task WriteAsync(HttpContext c, FailureEvent e) { c.Response.Clear(); c.Response.StatusCode = e.Status; c.Response.Headers["ProxyGate-Failure"] = e.Id; c.Response.Headers["Proxy-Status"] = "proxygate; error=" + e.Diagnosis.Failure.Cause.ProxyError; await c.Response.WriteAsync(e.Diagnosis.Failure.Cause.Id + "\n" + e.Diagnosis.Sentence + "\n" + string.Join('\n', e.Diagnosis.Evidence) + "\n"); } }
internal static class StubExt { public static IServiceCollection AddFailurePages(this IServiceCollection s) => s.AddSingleton<FailurePages>(); }
