using Fhir.Server.Hosting;

namespace Fhir.Server.Tests.Hosting;

public sealed class TransportMemoryTests
{
    [Test]
    public void A_block_that_is_held_is_given_to_nobody_else_and_one_given_back_is_given_again()
    {
        using var pool = new TransportMemory();
        using var held = pool.Rent();
        var returned = pool.Rent();
        var bytes = returned.Memory;
        returned.Dispose();
        using var again = pool.Rent();
        Assert.Multiple(() =>
        {
            Assert.That(again.Memory, Is.EqualTo(bytes));
            Assert.That(again.Memory, Is.Not.EqualTo(held.Memory));
        });
    }

    [Test]
    public void A_block_disposed_twice_comes_back_once()
    {
        using var pool = new TransportMemory();
        var block = pool.Rent();
        block.Dispose();
        block.Dispose();
        using var first = pool.Rent();
        using var second = pool.Rent();
        Assert.That(first.Memory, Is.Not.EqualTo(second.Memory));
        Assert.That(() => block.Memory, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void What_is_given_back_beyond_a_number_is_not_kept()
    {
        using var pool = new TransportMemory();
        var blocks = Enumerable.Range(0, 2000).Select(_ => pool.Rent()).ToList();
        blocks.ForEach(block => block.Dispose());
        Assert.That(pool.Kept, Is.LessThanOrEqualTo(512));
    }
}
