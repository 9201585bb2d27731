using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Section <c>Codecs</c>: how compressed frames are decoded, and how far that may go.</summary>
public sealed class CodecOptions
{
    /// <summary>Whether JPEG, JPEG-LS, JPEG 2000 and JPEG XL are decoded; without, the server gives what is stored. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Megabytes of memory a decoder may take; its address space begins with 256. Default 1,024.</summary>
    [Range(256, 4096)]
    public int MemoryMegabytes { get; set; } = 1024;

    /// <summary>How long one frame may take at most; small ones get less. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many frames are decoded at once; 0, the default, for as many as there are processors.</summary>
    [Range(0, 256)]
    public int Instances { get; set; }

    /// <summary>After how long without work a decoder is let go with its memory. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The private folder of the compiled decoders, for what lies there is run: used only while nobody else may enter it (0700). Default: a folder of this
    /// program among the user's caches; where there is none, they are compiled at each start.
    /// </summary>
    public string? CachePath { get; set; }

    /// <summary>The WebAssembly module, were it elsewhere; its hash is checked all the same. Default: <c>codecs/</c> beside the program.</summary>
    public string? ModulePath { get; set; }
}
