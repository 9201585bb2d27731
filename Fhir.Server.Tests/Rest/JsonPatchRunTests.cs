using System.Text;
using System.Text.Json.Nodes;
using Fhir.Server.Rest.Patch;

namespace Fhir.Server.Tests.Rest;

/// <summary>The operations of RFC 6902 and the pointers of RFC 6901, on documents that are no resources.</summary>
[TestFixture]
public sealed class JsonPatchRunTests
{
    [TestCase("""{"kept":1}""", """{"op":"add","path":"/new","value":"x"}""", """{"kept":1,"new":"x"}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"/a","value":2}""", """{"a":2}""")]
    [TestCase("""{"list":["x","z"]}""", """{"op":"add","path":"/list/1","value":"y"}""", """{"list":["x","y","z"]}""")]
    [TestCase("""{"list":["x"]}""", """{"op":"add","path":"/list/1","value":"y"}""", """{"list":["x","y"]}""")]
    [TestCase("""{"list":["x"]}""", """{"op":"add","path":"/list/-","value":["y","z"]}""", """{"list":["x",["y","z"]]}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"/in","value":{"of":{}}}""", """{"a":1,"in":{"of":{}}}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"/b","value":true,"unknown":1}""", """{"a":1,"b":true}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"/b","value":null}""", """{"a":1,"b":null}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"","value":{"b":2}}""", """{"b":2}""")]
    [TestCase("""{"a":1,"b":2}""", """{"op":"remove","path":"/b"}""", """{"a":1}""")]
    [TestCase("""{"a":null,"b":2}""", """{"op":"remove","path":"/a"}""", """{"b":2}""")]
    [TestCase("""{"list":["x","y","z"]}""", """{"op":"remove","path":"/list/1"}""", """{"list":["x","z"]}""")]
    [TestCase("""{"a":1,"b":2}""", """{"op":"replace","path":"/b","value":"two"}""", """{"a":1,"b":"two"}""")]
    [TestCase("""{"list":[1,2]}""", """{"op":"replace","path":"/list/0","value":9}""", """{"list":[9,2]}""")]
    [TestCase("""{"from":{"x":1,"y":2},"to":{"z":3}}""", """{"op":"move","from":"/from/x","path":"/to/w"}""", """{"from":{"y":2},"to":{"z":3,"w":1}}""")]
    [TestCase("""{"list":["b","c","a"]}""", """{"op":"move","from":"/list/2","path":"/list/0"}""", """{"list":["a","b","c"]}""")]
    [TestCase("""{"a":1}""", """{"op":"move","from":"/a","path":"/a"}""", """{"a":1}""")]
    [TestCase("""{"a":{"b":[1.500]}}""", """{"op":"copy","from":"/a/b","path":"/c"}""", """{"a":{"b":[1.500]},"c":[1.500]}""")]
    [TestCase("""{"a":["x",{"b":1.0}]}""", """{"op":"test","path":"/a/1","value":{"b":1}}""", """{"a":["x",{"b":1.0}]}""")]
    [TestCase("""{"a":1,"b":2}""", """{"op":"test","path":"","value":{"b":2,"a":1}}""", """{"a":1,"b":2}""")]
    [TestCase("""{"a":null}""", """{"op":"test","path":"/a","value":null}""", """{"a":null}""")]
    [TestCase("""{"/":9,"~1":10}""", """{"op":"test","path":"/~01","value":10}""", """{"/":9,"~1":10}""")]
    [TestCase("""{"a/b":1,"m~n":2}""", """{"op":"replace","path":"/a~1b","value":3}""", """{"a/b":3,"m~n":2}""")]
    [TestCase("""{"m~n":2,"0":1}""", """{"op":"remove","path":"/m~0n"}""", """{"0":1}""")]
    [TestCase("""{"":1,"a":1}""", """{"op":"remove","path":"/"}""", """{"a":1}""")]
    [TestCase("""{"n":1.0000000000000000000000000000000000001}""", """{"op":"add","path":"/m","value":12345678901234567890.10}""", """{"n":1.0000000000000000000000000000000000001,"m":12345678901234567890.10}""")]
    public void An_operation_does_what_it_says(string before, string operation, string after) =>
        Assert.That(Apply(before, operation), Is.EqualTo(after));

    [TestCase("""{"a":1}""", """{"op":"add","path":"/b/c","value":1}""")]
    [TestCase("""{"a":1}""", """{"op":"add","path":"/a/c","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"add","path":"/list/2","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"add","path":"/list/x","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"add","path":"/list/01","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"add","path":"/list/+1","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"add","path":"/list/99999999999","value":1}""")]
    [TestCase("""{"list":[1]}""", """{"op":"remove","path":"/list/1"}""")]
    [TestCase("""{"list":[1]}""", """{"op":"remove","path":"/list/-"}""")]
    [TestCase("""{"list":[1]}""", """{"op":"replace","path":"/list/-","value":2}""")]
    [TestCase("""{"a":1}""", """{"op":"remove","path":"/b"}""")]
    [TestCase("""{"a":1}""", """{"op":"replace","path":"/b","value":1}""")]
    [TestCase("""{"a":{"b":1}}""", """{"op":"move","from":"/a","path":"/a/b"}""")]
    [TestCase("""{"a":1}""", """{"op":"move","from":"/b","path":"/c"}""")]
    [TestCase("""{"a":1}""", """{"op":"copy","from":"/b","path":"/c"}""")]
    [TestCase("""{"a":"x"}""", """{"op":"test","path":"/a","value":"y"}""")]
    [TestCase("""{"a":"10"}""", """{"op":"test","path":"/a","value":10}""")]
    [TestCase("""{"a":null}""", """{"op":"test","path":"/b","value":null}""")]
    [TestCase("""{"a":[1,2]}""", """{"op":"test","path":"/a","value":[2,1]}""")]
    [TestCase("""{"a":false}""", """{"op":"test","path":"/a","value":null}""")]
    public void An_operation_that_cannot_be_done_says_so(string before, string operation) => Assert.That(Apply(before, operation), Is.Null);

    [Test]
    public void Operations_follow_each_other_and_an_emptied_list_may_be_filled_again()
    {
        Assert.That(Apply("""{"a":[1],"b":{"c":[2]}}""", """{"op":"remove","path":"/a/0"},{"op":"add","path":"/a/-","value":3},{"op":"remove","path":"/b/c/0"}"""), Is.EqualTo("""{"a":[3]}"""));
        Assert.That(Apply("""{"a":[[1],2]}""", """{"op":"remove","path":"/a/0/0"}"""), Is.EqualTo("""{"a":[2]}"""));
    }

    /// <summary>The document after the operations; null when one cannot be done.</summary>
    private static string? Apply(string before, string operations)
    {
        var run = new JsonPatchRun(JsonNode.Parse(before));
        var patch = JsonPatch.Read(Encoding.UTF8.GetBytes($"[{operations}]")).Value;
        return patch.Operations.Select(run.Do).Any(fault => fault is not null) ? null : run.Finish()?.ToJsonString() ?? "null";
    }
}
