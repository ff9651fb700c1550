using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Pages.Stencils;

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

    /// <summary>Sets the fields that tell of the body, and writes the body.</summary>
    public void Write(HttpContext context, AnswerFormat format, FailureEvent failure, AnswerBuffer buffer)
    {
        var pages = _pages;
        var view = PublicView.Of(context.Request, failure, pages.Settings);
        var headers = context.Response.Headers;
        headers.Vary = "Accept, Accept-Language";
        headers.ContentLanguage = view.Language.Tag;
        if (format != AnswerFormat.Html)
        {
            pages.Write(format, view, null, buffer);
            return;
        }

        var own = pages.Find(failure, view.Language.Tag);
        // A page that says nothing of languages is in one we do not know.
        if (own is { Settings: { Language: null, File.SpeaksLanguages: false } }) headers.Remove("Content-Language");
        headers.ContentSecurityPolicy = own?.SecurityPolicy ?? PublicAssets.SecurityPolicy;
        pages.Write(format, view, own, buffer);
    }

    private static ReadOnlyMemory<byte> Write(AnswerFormat format, PublicView view, Own? own) =>
        format != AnswerFormat.Html ? PublicForms.Write(format, view) : own is null ? PublicPage.Write(view) : OwnPage.Write(own.Settings.File, view);

    private sealed class Own(PageTemplateSettings settings, string securityPolicy)
    {
        public PageTemplateSettings Settings => settings;

        public string SecurityPolicy => securityPolicy;
    }

    private sealed class Pages(PageSettings settings)
    {
        private const int MostStencils = 256;

        private readonly Stencils<PublicKey, Stencil> _stencils = new(MostStencils);

        /// <summary>The most exact first, so that the first that fits is the one.</summary>
        private readonly Own[] _own = [.. settings.Templates.OrderByDescending(t => t.Rank).Select(t => new Own(t, OwnPage.SecurityPolicy(t.File)))];

        public PageSettings Settings { get; } = settings;

        public void Write(AnswerFormat format, PublicView view, Own? own, AnswerBuffer buffer)
        {
            var stencil = !PlainText.IsWord(view.Id) ? null : _stencils.Find(PublicKey.Of(format, view, own), (format, view, own), static a => PublicStencil.Cut(a.view, v => PublicAnswers.Write(a.format, v, a.own)));
            if (stencil is not null) stencil.Fill(buffer, new PublicValues(view));
            else buffer.Raw(PublicAnswers.Write(format, view, own).Span);
        }

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
