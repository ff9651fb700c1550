namespace ProxyGate.Diagnostics.Explanation.Languages;

internal static class German
{
    private const string NotYou = "An Ihrer Verbindung liegt es nicht: Die Störung ist auf der Seite dieser Website.";

    public static PublicLanguage Texts { get; } = new()
    {
        Tag = "de",
        Failed = new("Diese Website ist gerade gestört", $"Ihre Anfrage ist angekommen, aber diese Website konnte sie nicht beantworten. {NotYou}", "Bitte versuchen Sie es in ein paar Minuten noch einmal."),
        Unavailable = new("Diese Website ist gerade nicht verfügbar", $"Vielleicht ist sie ausgelastet oder startet gerade neu. {NotYou}", "Bitte versuchen Sie es in einer Minute noch einmal."),
        NoAnswer = new("Diese Website braucht zu lange für die Antwort", $"Ihre Anfrage ist angekommen, aber es kam nicht rechtzeitig eine Antwort. {NotYou}", "Bitte versuchen Sie es in ein paar Minuten noch einmal."),
        NotAccepted = new("Ihre Sendung wurde nicht angenommen", "Diese Website hat sie abgelehnt.", "Vielleicht ist sie zu groß, oder Sie müssen sich zuerst anmelden."),
        NotFound = new("Unter dieser Adresse gibt es nichts", "Diese Website hat hier keine Seite.", "Bitte prüfen Sie die Adresse auf Tippfehler."),
        TooMany = new("Zu viele Anfragen", "Von Ihnen kamen in kurzer Zeit viele Anfragen.", "Bitte warten Sie einen Moment und versuchen Sie es dann noch einmal."),
        Denied = new("Diese Seite ist für Sie nicht freigegeben", "Die Betreiber dieser Website haben sie nicht für Sie freigegeben.", "Wenn das nicht stimmen kann, fragen Sie bitte dort nach."),
        Malformed = new("Die Anfrage war nicht zu verstehen", "Ihr Browser oder Programm hat etwas gesendet, das keine gültige Anfrage ist.", "Bitte versuchen Sie es noch einmal, oder mit einem anderen Browser."),
        Incomplete = new("Ihre Anfrage ist nicht vollständig angekommen", "Die Verbindung endete, während sie gesendet wurde.", "Bitte versuchen Sie es noch einmal."),
        TooSlow = new("Ihre Anfrage kam zu langsam an", "Nur ein Teil davon kam rechtzeitig an.", "Bitte prüfen Sie Ihre Verbindung und versuchen Sie es dann noch einmal."),
        TooLarge = new("Ihre Sendung ist zu groß", "Sie ist größer, als diese Website annimmt.", "Bitte senden Sie etwas Kleineres."),
        FieldsTooLarge = new("Ihr Browser hat zu viel mitgesendet", "Meist sind das gespeicherte Cookies.", "Meist hilft es, die Cookies dieser Website zu löschen."),
        BrokenOff = new("Die Verbindung endete zu früh", "Sie wurde geschlossen, bevor die Antwort vollständig war.", "Bitte versuchen Sie es noch einmal."),
        Labels = new PublicLabels
        {
            Chain = "Wo es nicht weiterging",
            You = "Sie",
            YouState = "in Ordnung",
            Site = "Diese Website",
            SiteState = "erreicht",
            Service = "Ihr Dienst",
            ServiceState = "hier gestört",
            TryAgain = "Noch einmal versuchen",
            Waiting = "Sie können diese Seite offen lassen. Sie sieht alle paar Sekunden nach und öffnet sich von selbst, sobald die Website wieder da ist.",
            StoppedWaiting = "Diese Seite sieht nicht mehr von selbst nach. Bitte wählen Sie „Noch einmal versuchen“.",
            StillFailing = "Die Website antwortet wieder, nur diese Seite nicht. Bitte wählen Sie später „Noch einmal versuchen“.",
            AfterSending = "Sie waren dabei, etwas zu senden. Ob es angekommen ist, ist nicht sicher. Bitte sehen Sie nach, ob es schon da ist, bevor Sie es noch einmal senden.",
            Help = "Kontakt",
            Id = "Wenn Sie um Hilfe bitten, nennen Sie diese Kennung:",
            Time = "Zeit",
            Status = "Status",
        },
    };
}
