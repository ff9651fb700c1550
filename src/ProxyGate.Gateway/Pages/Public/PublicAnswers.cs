using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>The public's answers: in the visitor's language, and on a page of the operator's own where there is one for the failure.</summary>
internal sealed class PublicAnswers
{
    private volatile Pages _pages;

    public PublicAnswers(IGatewaySettingsSource settings)
    {
        _pages = new Pages(settings.Current.Pages);
        settings.Changed += changed => _pages = new Pages(changed.Pages);
    }

    /// <summary>Sets the fields that tell of the body, and gives the body.</summary>
    public ReadOnlyMemory<byte> Write(HttpContext context, AnswerFormat format, FailureEvent failure)
    {
        var pages = _pages;
        var view = PublicView.Of(context.Request, failure, pages.Settings);
        var headers = context.Response.Headers;
        headers.Vary = "Accept, Accept-Language";
        headers.ContentLanguage = view.Language.Tag;
        if (format != AnswerFormat.Html) return PublicForms.Write(format, view);
        if (pages.Find(failure, view.Language.Tag) is not { } own)
        {
            headers.ContentSecurityPolicy = PublicAssets.SecurityPolicy;
            return PublicPage.Write(view);
        }

        // A page that says nothing of languages is in one we do not know.
        if (own.Settings.Language is null && !own.Settings.File.SpeaksLanguages) headers.Remove("Content-Language");
        headers.ContentSecurityPolicy = own.SecurityPolicy;
        return OwnPage.Write(own.Settings.File, view);
    }

    private sealed record Own(PageTemplateSettings Settings, string SecurityPolicy);

    private sealed class Pages(PageSettings settings)
    {
        /// <summary>The most exact first, so that the first that fits is the one.</summary>
        private readonly Own[] _own = [.. settings.Templates.OrderByDescending(t => t.Rank).Select(t => new Own(t, OwnPage.SecurityPolicy(t.File)))];

        public PageSettings Settings { get; } = settings;

        public Own? Find(FailureEvent failure, string language)
        {
            foreach (var own in _own)
            {
                if (own.Settings.Fits(failure.Request.Route, failure.Diagnosis.Failure.Cause.Id, failure.Status, language)) return own;
            }

            return null;
        }
    }
}
