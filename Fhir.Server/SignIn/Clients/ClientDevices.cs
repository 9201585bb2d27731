using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Hl7.Fhir.Model;

namespace Fhir.Server.SignIn.Clients;

/// <summary>Each client is a Device too, so that a Consent can name it. See https://hl7.org/fhir/R4/device.html</summary>
internal sealed class ClientDevices(GuardedRecords records, ResourceContents contents, PublicAddress address)
{
    /// <summary>The logical id of a client's Device.</summary>
    public static string IdOf(string client)
    {
        var plain = "client-" + client;
        return RecordId.IsWellFormed(plain) ? plain : "client-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client)))[..32];
    }

    /// <summary>Writes the Device of a client.</summary>
    public async ValueTask<Outcome<Done>> WriteAsync(ClientRow client, CancellationToken cancellationToken)
    {
        var id = IdOf(client.Id);
        if (!contents.Draft(DeviceOf(client), id, "PUT").TryGet(out var draft, out var problem))
        {
            return problem;
        }
        var written = await records.For(ServerCaller.SignIn).UpdateAsync(draft, null, cancellationToken);
        return written.Match<Outcome<Done>>(_ => new Done(), failure => failure);
    }

    private Device DeviceOf(ClientRow client) => new()
    {
        Status = client.IsDisabled ? Device.FHIRDeviceStatus.Inactive : Device.FHIRDeviceStatus.Active,
        Identifier = [new Identifier(address.Base + "/clients", client.Id)],
        DeviceName = [new Device.DeviceNameComponent { Name = client.Name, Type = DeviceNameType.UserFriendlyName }],
        Owner = client.Organization is { } organization ? new ResourceReference("Organization/" + organization) : null,
    };
}
