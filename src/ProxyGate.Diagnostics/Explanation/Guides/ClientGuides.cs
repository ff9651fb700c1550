using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>What the client did: nothing here speaks against an app.</summary>
internal static class ClientGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.ClientBodyFailed] = new(
            "The visitor's browser or program began to send data and broke off, or sent it in a broken form. The app is not at fault.",
            new("client_left", "The data received is less than announced, and the connection ended: the visitor closed the page or lost the network during the upload."),
            new("client_bug", "One program does it each time, at the same place: it announces a wrong length or writes wrong chunks."),
            new("middlebox_cut", "Uploads of many visitors break off at the same size or after the same time: something in front of ProxyGate cuts them.")),
        [CauseId.ClientBodyTimeout] = new(
            "The visitor's data stopped coming in the middle of the request, for longer than the limit allows.",
            new("client_slow", "The visitor's connection is slow or was lost, for instance on a phone: some data came, then less and less."),
            new("client_bug", "One program announces data and never sends it, each time."),
            new("limit_too_low", "Data still came, slowly, when the limit ended it: large uploads over slow lines need a longer limit.")),
        [CauseId.ClientReadTimeout] = new(
            "The visitor's browser or program took the answer more slowly than the limit of the whole request allows. The app had answered, and is not at fault.",
            new("client_slow", "The visitor's connection is slow, for instance on a phone: the answer is large, and it flowed until the time was up."),
            new("client_bug", "One program asks for answers and does not read them, each time."),
            new("limit_too_low", "Large downloads of many visitors end after the same time, which is Timeouts:Total of the route: they need longer.")),
        [CauseId.ClientDisconnected] = new(
            "The visitor went away before the answer was there. Nobody received an answer; the log calls it 499. By itself this is no fault of the app.",
            new("client_left", "It happens after different times and on many pages: people close tabs and follow other links."),
            new("slow_request", "It happens mostly on slow pages, and the visitor had waited for seconds: people give up."),
            new("client_timeout", "It happens after the same round time (10 s, 30 s, 60 s) each time: the client, or a load balancer in front, has a time limit shorter than the app's answer.")),
        [CauseId.ClientRequestMalformed] = new(
            "What arrived is not a valid HTTP request, or breaks a rule that protects against abuse. It was answered with 400 and not sent to the app.",
            new("client_bug", "One program or library sends it each time; browsers do not."),
            new("scheme_http_to_https", "The bytes look like the beginning of TLS: the client speaks https to a port of ProxyGate that is meant for http."),
            new("scanner", "It comes from unknown addresses, with odd paths or bytes: someone tries out what is there. Harmless when refused.")),
        [CauseId.ClientRequestTooLarge] = new(
            "The request is larger than ProxyGate's limit: its address line, its headers (mostly cookies) or its data. It was not sent to the app.",
            new("upload_limit", "The status is 413 and the request is an upload: it is larger than ProxyGate:Limits:RequestBody."),
            new("request_headers_too_big", "The status is 431 (or 414 for a long address), only some visitors are hit and a private browser window works: their cookies or links have grown too large."),
            new("client_bug", "One program sends far more than it should, each time.")),
        [CauseId.ClientHeadTimeout] = new(
            "A client opened a connection and did not finish sending the first lines of its request in time.",
            new("client_slow", "It is rare, from many addresses: slow or lost connections."),
            new("scanner", "Many connections from few addresses send a byte now and then: an attempt to tie up the server (known as Slowloris). The limit has done its work."),
            new("client_bug", "It comes from a load balancer's address at a steady rhythm: its check opens a connection and sends nothing.")),
    };
}
