using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Bench;

/// <summary>What the server is compared with: the least a Kestrel could do for the same bytes. Each runs as a process of its own.</summary>
internal static class Floors
{
    /// <summary>A Kestrel that answers one word.</summary>
    public static async Task<int> BareAsync(string port)
    {
        var app = Build(port);
        app.MapGet("/", () => "ok");
        await app.RunAsync();
        return 0;
    }

    /// <summary>Reads a document by its key from SQLite: prepared statements on connections kept ready.</summary>
    public static async Task<int> ReadAsync(string port, string database)
    {
        var connection = new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString();
        var ready = new ConcurrentBag<SqliteCommand>();
        var app = Build(port);
        app.MapGet("/{*key}", async (string key, HttpContext context) =>
        {
            var command = ready.TryTake(out var one) ? one : Documents.Prepare(connection);
            command.Parameters[0].Value = key;
            var json = (byte[]?)command.ExecuteScalar();
            ready.Add(command);
            if (json is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            context.Response.ContentType = "application/fhir+json; charset=utf-8";
            context.Response.ContentLength = json.Length;
            await context.Response.BodyWriter.WriteAsync(json);
        });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Kestrel's static files.</summary>
    public static async Task<int> FilesAsync(string port, string folder)
    {
        var app = Build(port);
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(folder), ServeUnknownFileTypes = true });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Writes files so that each is there after a power cut: write, fsync, rename, fsync of the folder, one by one.</summary>
    /// <returns>Files a second.</returns>
    public static double WriteDurably(string folder, ReadOnlySpan<byte> content, int count)
    {
        Directory.CreateDirectory(folder);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < count; i++)
        {
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            using (var file = File.OpenHandle(path + ".part", FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(path + ".part", path, overwrite: true);
            Libc.SyncFolder(folder);
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    private static WebApplication Build(string port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:" + port);
        return builder.Build();
    }
}

/// <summary>The documents of <see cref="Floors.ReadAsync"/>.</summary>
internal static class Documents
{
    public static SqliteCommand Prepare(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        var command = connection.CreateCommand();
        command.CommandText = "SELECT json FROM document WHERE key = $key";
        command.Parameters.Add("$key", SqliteType.Text);
        command.Prepare();
        return command;
    }

    public static void Write(string path, IEnumerable<(string Key, byte[] Json)> documents)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE document(key TEXT PRIMARY KEY, json BLOB NOT NULL); BEGIN";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT OR REPLACE INTO document VALUES($key, $json)";
        foreach (var (key, json) in documents)
        {
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$key", key);
            command.Parameters.AddWithValue("$json", json);
            command.ExecuteNonQuery();
        }
        command.Parameters.Clear();
        command.CommandText = "COMMIT";
        command.ExecuteNonQuery();
    }
}
