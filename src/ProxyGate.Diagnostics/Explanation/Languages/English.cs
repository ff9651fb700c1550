namespace ProxyGate.Diagnostics.Explanation.Languages;

internal static class English
{
    private const string NotYou = "It is not your connection: the problem is on the side of this site.";

    public static PublicLanguage Texts { get; } = new()
    {
        Tag = "en",
        Failed = new("This site is not working right now", $"Your request arrived, but this site could not answer it. {NotYou}", "Please try again in a few minutes."),
        Unavailable = new("This site is not available right now", $"It may be busy, or just restarting. {NotYou}", "Please try again in a minute."),
        NoAnswer = new("This site is taking too long to answer", $"Your request arrived, but no answer came in time. {NotYou}", "Please try again in a few minutes."),
        NotAccepted = new("What you sent was not accepted", "This site did not take it.", "It may be too large, or you may have to sign in first."),
        NotFound = new("There is nothing at this address", "This site has no page here.", "Please check the address for a typing mistake."),
        TooMany = new("Too many requests", "Many requests came from you in a short time.", "Please wait a moment, then try again."),
        Denied = new("This page is not open to you", "The people who run this site have not opened it to you.", "If you think it should be, please ask them."),
        Malformed = new("The request could not be understood", "Your browser or program sent something that is not a proper request.", "Please try again, or use another browser."),
        Incomplete = new("Not all of your request arrived", "The connection ended while it was being sent.", "Please try again."),
        TooSlow = new("Your request took too long to arrive", "Only a part of it came in time.", "Please check your connection, then try again."),
        TooLarge = new("What you sent is too large", "It is larger than this site accepts.", "Please send something smaller."),
        FieldsTooLarge = new("Your browser sent too much along with the request", "Usually these are stored cookies.", "Deleting the cookies of this site usually helps."),
        BrokenOff = new("The connection ended too early", "It was closed before the answer was complete.", "Please try again."),
        Labels = new PublicLabels
        {
            Chain = "Where it stopped",
            You = "You",
            YouState = "working",
            Site = "This site",
            SiteState = "reached",
            Service = "Its service",
            ServiceState = "failed here",
            TryAgain = "Try again",
            Waiting = "You can leave this page open. It looks every few seconds and opens by itself as soon as the site is back.",
            StoppedWaiting = "This page has stopped looking. Please choose “Try again”.",
            StillFailing = "The site answers again, but not on this page. Please choose “Try again” later.",
            AfterSending = "You were sending something. It is not certain whether it arrived. Before you send it again, please check whether it is already there.",
            Help = "Contact",
            Id = "If you ask for help, give this id:",
            Time = "Time",
            Status = "Status",
        },
    };
}
