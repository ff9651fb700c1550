using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary>A small real app (Node) that answers by path, and prints who asked for what.</summary>
internal static class DiagnoseApp
{
    private const string Script = """
        const [port, host, certificate, key] = process.argv.slice(2);
        const fs = require('fs');
        const answer = (q, r) => {
          console.log(JSON.stringify({ method: q.method, url: q.url, headers: q.headers }));
          if (q.url === '/slow') setTimeout(() => r.end('at last'), 1300);
          else if (q.url === '/error') { r.statusCode = 500; r.end('no'); }
          else if (q.url === '/missing') { r.statusCode = 404; r.end('no'); }
          else if (q.url === '/moved') { r.writeHead(302, { Location: '/elsewhere' }); r.end(); }
          else if (q.url === '/hostile') { r.writeHead(200, { Server: 'evil\x80\x9b2J\xe2\x80\xae' }); r.end('hello'); }
          else if (q.url === '/never') return;
          else r.end('hello');
        };
        const server = certificate
          ? require('https').createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, answer)
          : require('http').createServer(answer);
        server.listen(+port, host);
        """;

    public static async Task<ServerProcess> StartAsync(TestFolder folder, int? port = null, string? certificate = null, string? key = null)
    {
        var program = Programs.Require("node");
        var at = port ?? Ports.Free();
        string[] tls = certificate is null ? [] : [certificate, key!];
        return await ServerProcess.StartAsync(program, [folder.Write("diagnose-app.js", Script), $"{at}", "127.0.0.1", .. tls], folder.Path, at);
    }
}
