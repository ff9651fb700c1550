using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The request went out, wholly or in part, and no answer came.</summary>
internal static class SilenceGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.RequestSendTimeout] = new(
            "The app stopped taking in the data of the request, for longer than the limit allows.",
            new("app_hung", "The app takes in nothing from anyone; its process is busy at 100 %, stopped, or stuck."),
            new("slow_request", "Only uploads to this path stall: the app reads them slowly, for instance because it writes them to a slow disk or another service."),
            new("upload_limit", "It stalls at the same size each time: the app, or something before it, stopped reading there and does not say so."),
            new("packets_too_large", "Small requests pass and larger ones never do, on all paths: packets of full size are lost on the way (MTU).")),
        [CauseId.RequestSendFailed] = new(
            "The app ended the connection while ProxyGate was still sending it the request.",
            new("upload_limit", "It happens with large requests only, at about the same size."),
            new("app_crashed_on_request", "The app's process, or a worker of it, ended at that moment."),
            new("keepalive_race", "The request is small and went over a connection kept from before, which had been idle."),
            new("worker_timeout_kill", "It happens at the same round time after the start of an upload (30 s, 60 s): the app's own limit."),
            new("restarted", "It happens in a burst around a restart of the app.")),
        [CauseId.UploadRejectedEarly] = new(
            "The app answered before it had received the whole upload, mostly to refuse it, and ended the connection. ProxyGate passed on what answer it caught.",
            new("upload_limit", "The app's answer is 413, or the upload is larger than a limit of the app."),
            new("app_denied_upload", "The app's answer is 401 or 403: the visitor is not signed in or may not upload, whatever the size."),
            new("app_bug", "The app's answer is 500: it failed while it was reading.")),
        [CauseId.UpstreamClosedWithoutResponse] = new(
            "The app accepted the connection and took the request, then closed the connection in good order without sending a single byte of an answer.",
            new("app_crashed_on_request", "A worker or the process ended at that moment (the app's log, its start time), and the same path brings it again."),
            new("worker_timeout_kill", "It closes after the same round time each time (30 s, 60 s): the app's server stopped a worker that took too long (gunicorn: \"WORKER TIMEOUT\")."),
            new("oom_killed", "The kernel's log or the container's state says that memory ran out at that moment."),
            new("restarted", "It lasts for seconds, and the app's process is younger than the failure."),
            new("scheme_http_to_https", "It happens each time, at once: the port expects https and hangs up on plain http. https:// to the same address answers."),
            new("app_protocol_mismatch", "It happens each time, at once: the port speaks another protocol, such as uwsgi, FastCGI or gRPC."),
            new("keepalive_race", "It happens rarely, and the connection had been used before: the app closed it as idle in the same moment."),
            new("mtls_missing", "The connection is encrypted and the app had asked for a client certificate: it hangs up on who shows none.")),
        [CauseId.UpstreamResetWithoutResponse] = new(
            "The app's side cut the connection (a reset) after the request was sent, without a single byte of an answer.",
            new("app_crashed_on_request", "A process ended with the request unread or half read; the app's log or start time shows it."),
            new("upload_limit", "It happens with large requests only: the app hung up on data it did not want."),
            new("worker_pool_full", "It happens under load only, on all paths: the app or its system throws connections away."),
            new("middlebox_cut", "The app's machine sees the cut coming from the other side: a firewall or load balancer in between has forgotten the connection, often after the same idle time."),
            new("keepalive_race", "The connection had been used before and was idle."),
            new("restarted", "It lasts for seconds around a restart of the app.")),
        [CauseId.StaleConnection] = new(
            "ProxyGate sent the request over a connection kept open from an earlier request, at the very moment the app was closing it as idle. The request met a closed door.",
            new("keepalive_race", "The idle time before the request is about the same each time, and equals the app's keep-alive time (Node.js 5 s, gunicorn 2 s, uvicorn 5 s, Apache 5 s)."),
            new("restarted", "All kept connections die at the same moment: the app was restarted and its old connections with it."),
            new("middlebox_cut", "The idle times are longer than the app's own keep-alive time, and even (for instance 350 s): a load balancer or firewall in between forgets idle connections.")),
        [CauseId.ResponseTimeout] = new(
            "The app took the request and sent no answer within the time limit. It may still be working on it.",
            new("slow_request", "The same path is slow each time, and others answer at once: a slow query, or another service it waits for."),
            new("worker_pool_full", "All paths are slow under load, also simple ones, and fast when it is quiet: every worker is taken."),
            new("dependency_down", "All paths that need one thing (a database, another service) hang, and the app's log shows it waiting."),
            new("app_hung", "Nothing is answered at all, not even the simplest page; the process does not react (state T or D, or 100 % of a processor)."),
            new("limit_too_low", "The answer is right and comes shortly after the limit, for instance a report: give that route more time."),
            new("firewall_drop", "The connection is made, and then the data gets no acknowledgement: something on the way drops packets.")),
    };
}
