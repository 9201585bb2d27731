var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
app.Run();

/// <summary>The composition root; tests start it as it is.</summary>
public partial class Program;
