using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in the look-up of the destination's name.</summary>
internal static class NameMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "stale_dns",
            "The name has moved to another address",
            "The app got a new address, and ProxyGate, or a name server on the way, still used the old one.",
            "Proved when the name resolves to another address now than the one used. The same address speaks against it."),
        Guide(
            "name_misspelled",
            "The name is misspelled, or does not exist any more",
            "Nobody knows this name: it has a typing mistake, or its record was removed.",
            "The name resolves nowhere, and a slightly different one does. An answer from another name server speaks against it."),
        Guide(
            "name_without_address",
            "The name has no address",
            "The name exists, but no address is entered for it, or only one of a kind this machine does not use.",
            "Proved by a name server that answers with no address (NODATA) for A and AAAA. An address from any server speaks against it."),
        Guide(
            "dns_server_failing",
            "The name server does not work",
            "The name server this machine asks is down, cannot be reached, or cannot ask others.",
            "Other names fail at it too, and another server knows the name. Other names that resolve speak against it."),
        Guide(
            "dns_zone_broken",
            "The domain's own name servers fail",
            "The servers responsible for this domain do not answer, or their signatures (DNSSEC) are wrong.",
            "Names of this domain fail at every name server, other domains resolve. Another server that knows the name speaks against it."),
        Guide(
            "dns_search_list",
            "The look-up tries a list of endings first",
            "The machine adds endings from its search list to the name and asks for each of them in turn. One of them is slow.",
            "The name resolves at once when written with a dot at its end. The same time with the dot speaks against it."),
    ];
}
