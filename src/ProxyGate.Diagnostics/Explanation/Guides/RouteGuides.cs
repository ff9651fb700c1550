using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>Before a destination was contacted: routes, clusters, the gateway's own limits and state.</summary>
internal static class RouteGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.RouteNotFound] = new(
            "The request reached ProxyGate, but no route in its configuration fits the host and path of the request. No app was asked.",
            new("route_missing", "No route names this host or path; other hosts and paths are answered. Compare the Hosts and Path of the routes with the request, letter by letter."),
            new("wrong_host_header", "The address in the browser is right, but the Host that arrives here is another: something in front of ProxyGate changed it. The failure shows the Host that arrived."),
            new("client_bug", "Only one client or one old link asks for this path; everyone else is answered.")),
        [CauseId.NoDestinationsConfigured] = new(
            "A route fits the request, but the cluster it points to has no destination, so there was no address to contact.",
            new("destinations_missing", "The cluster in the configuration has an empty Destinations list, or the route names a cluster with a typing mistake. It fails for every request, from the first moment on."),
            new("config_mistake", "It worked until a change of the configuration: the failures begin at the moment of the reload.")),
        [CauseId.NoHealthyDestination] = new(
            "Every destination of the cluster was taken out of use because its health checks, or its last requests, failed. This request was sent to none of them.",
            new("app_down", "The last health check ended without a connection (refused, no answer): the app itself does not run."),
            new("health_path", "The app answers when asked by hand, but the health check got 401, 403, 404 or a redirect: the check asks for the wrong path, or for one that needs a sign-in."),
            new("slow_request", "The last health check ran into its time limit, while the app answers later: the app is too slow for the check."),
            new("deploy_without_drain", "It lasts for seconds, around a deploy, and ends by itself: all copies were replaced at once.")),
        [CauseId.CircuitOpen] = new(
            "So many requests to this destination failed shortly before that ProxyGate stopped sending to it for a while. This request was not sent. The failures that came first tell why.",
            new("app_down", "The failures before this one are refused connections or timeouts on connecting."),
            new("slow_request", "The failures before this one are response timeouts."),
            new("app_crashed_on_request", "The failures before this one are connections the app closed without an answer.")),
        [CauseId.DestinationLimitReached] = new(
            "As many requests as the configuration allows are already waiting for this destination, so this one was not sent.",
            new("slow_request", "The app takes longer than usual to answer, so that requests pile up: its times rise before this failure begins."),
            new("worker_pool_full", "The app's times rise for all paths at once and its processors are not busy: all its workers wait for something."),
            new("too_much_traffic", "The app answers as fast as always, but far more requests come in than usual."),
            new("limit_too_low", "The app answers fast, the traffic is normal, and the limit is smaller than what the app can serve at once.")),
        [CauseId.GatewayOverloaded] = new(
            "ProxyGate itself is handling as many requests as it is allowed to, and turned this one away at once rather than let it wait.",
            new("slow_request", "Nearly all requests under way wait for one destination: a slow app fills the gateway."),
            new("too_much_traffic", "The requests are spread over all destinations, and more come in than usual."),
            new("limit_too_low", "Processor and memory of this machine have room left while the limit is reached."),
            new("loop", "The number of requests jumps within a second, and ProxyGate's own address stands among its clients: a request runs in a circle.")),
        [CauseId.GatewayDraining] = new(
            "ProxyGate is shutting down or restarting. It finishes what is under way and takes nothing new. Nothing is wrong with the app.",
            new("gateway_restarted", "Someone, a deploy or the service manager stops ProxyGate at this moment: systemctl status proxygate or the container's state shows it."),
            new("oom_killed", "Nobody stopped it on purpose, and the system's log shows that memory ran out at that moment.")),
        [CauseId.GatewayConfigInvalid] = new(
            "The address or setting of this destination cannot be used as it is written, so nothing was sent.",
            new("config_mistake", "The address has a typing mistake: a port that is no number, a missing http://, a space. \"proxygate check\" names file and line."),
            new("app_protocol_mismatch", "The address begins with something ProxyGate does not speak, such as fastcgi://, uwsgi:// or tcp://.")),
        [CauseId.DestinationForbidden] = new(
            "The destination's name leads to an address that the configuration does not allow ProxyGate to connect to. This guards against being sent to internal machines.",
            new("address_not_allowed", "The address is the app's true one, for instance after a move to another network: the list of allowed ranges has not been extended."),
            new("stale_dns", "The name now answers with another address than before: somebody changed the record, or it was taken over.")),
        [CauseId.ProxyLoop] = new(
            "This request has already passed through this ProxyGate once: the destination's address leads back to ProxyGate itself, directly or through another proxy.",
            new("loop", "The destination's address and port are one of those ProxyGate listens on, or belong to a proxy that forwards to ProxyGate."),
            new("localhost_in_container", "The destination is localhost, ProxyGate runs in a container, and the port is the one ProxyGate listens on in that container."),
            new("stale_dns", "The destination's name has come to mean the public address, which leads to ProxyGate: compare what the name means inside and outside your network.")),
        [CauseId.GatewayInternalError] = new(
            "ProxyGate itself failed while it handled the request. This is a fault of the gateway or of a custom part in it, not of the app.",
            new("gateway_bug", "The exception in the log points into ProxyGate's own code and comes again with the same request."),
            new("config_mistake", "The exception points to a transform or a custom part that the configuration added, and began with a change of it."),
            new("fd_limit", "Errors about too many open files stand in the log at the same time: the machine has run out of something.")),
        [CauseId.Unclassified] = new(
            "The attempt failed in a way ProxyGate has no name for. Everything it saw is in the failure's evidence; it will not guess.",
            new("middlebox_cut", "It fails through the network and works from the app's own machine: something in between interferes."),
            new("app_bug", "It fails from the app's own machine too, with curl: the app does something unusual."),
            new("gateway_bug", "curl, sent from ProxyGate's machine to the same address, gets a correct answer each time.")),
    };
}
