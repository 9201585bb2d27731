using Deque.AxeCore.Playwright;
using Fhir.Server.Tests.Conformance;
using Microsoft.Playwright;

namespace Fhir.Server.Tests.Peers;

/// <summary>What a person does on the pages between an app and its token.</summary>
internal static class SmartPages
{
    /// <summary>The form that asks what the app may do.</summary>
    public const string Question = "main form:has(input[type=checkbox])";

    /// <summary>Fills in the sign-in form.</summary>
    public static async Task SignInAsync(this IPage page, Person person)
    {
        await page.Locator("input[type=email]").FillAsync(person.Email);
        await page.Locator("input[type=password]").FillAsync(person.Password);
        await page.Locator("main form:has(input[type=password]) button[type=submit],main form:has(input[type=password]) button:not([type])").First.ClickAsync();
    }

    /// <summary>Allows what is asked, for the first record where there is a choice.</summary>
    public static async Task AllowAsync(this IPage page)
    {
        await page.Locator(Question).WaitForAsync();
        if (await page.Locator("main input[type=radio]").CountAsync() > 0)
        {
            await page.Locator("main input[type=radio]").First.CheckAsync();
        }
        await page.Locator($"{Question} button[value=allow]").ClickAsync();
    }

    /// <summary>Goes on by the tabulator key until something has the focus; fails when it never does.</summary>
    public static async Task FocusByTabAsync(this IPage page, string selector)
    {
        for (var step = 0; step < 60; step++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"{selector} cannot be reached by keyboard.");
    }

    /// <summary>What the browser complains of while the page is used.</summary>
    public static List<string> Complaints(this IPage page)
    {
        var complaints = new List<string>();
        // A browser asks once for an icon, which there is not.
        page.Console += (_, message) => complaints.AddRange(
            message.Type == "error" && !message.Location.Contains("/favicon.ico", StringComparison.Ordinal) ? [message.Text] : []);
        page.PageError += (_, error) => complaints.Add(error);
        return complaints;
    }

    /// <summary>Fails when axe finds a barrier, or the page scrolls sideways.</summary>
    public static async Task AssertAccessibleAsync(this IPage page)
    {
        Assert.That(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{new Uri(page.Url).AbsolutePath} scrolls sideways.");
        var axe = await page.RunAxe();
        Assert.That(axe.Violations.Select(one => $"{one.Id}: {one.Help} {string.Join(' ', one.Nodes.Select(node => node.Html))}"), Is.Empty);
    }
}
