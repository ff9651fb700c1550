using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The app's answer had begun.</summary>
internal static class BodyGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.ResponseBodyTruncated] = new(
            "The app's answer began well and ended too early: less came than the app had announced.",
            new("app_crashed_on_request", "A worker or the process ended at that moment, or the app's log has an exception after the answer had begun."),
            new("worker_timeout_kill", "It breaks off after the same round time each time, at different sizes: long downloads hit a time limit of the app."),
            new("app_bug", "It breaks off at the same place each time, nothing crashes, and the page looks complete: the app announces a wrong Content-Length."),
            new("broken_compression", "Only compressed answers are short (Content-Encoding: gzip); with compression off they are complete: the length is that of the unpacked text."),
            new("restarted", "It happens in a burst around a restart.")),
        [CauseId.ResponseBodyReset] = new(
            "The app's answer began well, and then the connection was cut (a reset) in the middle.",
            new("app_crashed_on_request", "The process ended at that moment."),
            new("middlebox_cut", "The app's machine sees the cut from the other side, or long answers are cut after the same time or size: something in between ends them."),
            new("worker_timeout_kill", "It is cut after the same round time each time, and the app's log speaks of a timeout."),
            new("restarted", "It happens in a burst around a restart.")),
        [CauseId.ResponseBodyStalled] = new(
            "The app's answer began, and then nothing more came for longer than the limit allows.",
            new("no_heartbeat", "The answer is a stream of events with long pauses: the app should send a comment or ping now and then, or the route needs a longer Idle time."),
            new("slow_request", "The rest of the answer waits for a slow query or another service; it comes later when the limit is raised."),
            new("app_hung", "The app sends nothing to anyone any more."),
            new("packets_too_large", "It stalls after a few kilobytes each time, on all paths: packets of full size are lost on the way (MTU).")),
        [CauseId.ResponseChunkInvalid] = new(
            "The app sends its answer in pieces (chunks), and one piece is not marked as the rules want, so the rest cannot be told apart.",
            new("app_bug", "The app writes the pieces by hand, or two of its requests write into one connection: the bytes at that place show what."),
            new("middle_proxy", "Asked directly, the app's answer is right: something in between unpacks the pieces and keeps the header.")),
        [CauseId.ResponseEncodingInvalid] = new(
            "The app's answer is marked as compressed, and it cannot be unpacked.",
            new("broken_compression", "The answer is not compressed at all, or compressed twice: curl --compressed fails as well."),
            new("middle_proxy", "Asked directly, the answer can be unpacked: something in between unpacked it and left Content-Encoding in place.")),
        [CauseId.ResponseTooLarge] = new(
            "The app's answer is larger than the limit set in ProxyGate's configuration.",
            new("limit_too_low", "The answer is meant to be that large, for instance a download."),
            new("app_bug", "The answer is far larger than usual for this path: a list without pages, or an endless one.")),
    };
}
