using Bench;

return args switch
{
    ["floor-bare", var port] => await Floors.BareAsync(port),
    ["floor-read", var port, var database] => await Floors.ReadAsync(port, database),
    ["floor-files", var port, var folder] => await Floors.FilesAsync(port, folder),
    _ => await Run.ScenariosAsync(args),
};
