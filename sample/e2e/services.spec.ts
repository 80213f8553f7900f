import type { Locator, Page } from "@playwright/test";
import { chooseProvider, signInOn, waitForScripts } from "../../e2e/fixtures/steps";
import { expect, test } from "../../e2e/fixtures/test";

test.afterEach(async ({ app }) => {
  await app.control.setTokenLifetime("company", 3600);
});

const entry = (page: Page): Locator => page.locator('form[data-form="entry"]');
const orders = (page: Page): Locator => page.locator("li[data-order]");
const alert = (page: Page): Locator => page.getByRole("main").getByRole("alert");

async function placeOrder(page: Page, item: string, quantity = 1): Promise<void> {
  await entry(page).getByLabel("Item").fill(item);
  await entry(page).getByLabel("Quantity").fill(String(quantity));
  await entry(page).getByRole("button", { name: "Place order" }).click();
}

/** What a script that somebody smuggled into the page, or typed into its console, would be answered. */
function forge(page: Page, path: string, init: { method: string; body?: unknown; organization?: string }) {
  return page.evaluate(
    async ([address, { method, body, organization }]) => {
      const response = await fetch(address, {
        method,
        headers: {
          "X-CSRF": "1",
          "Content-Type": "application/json",
          ...(organization !== undefined && { "X-Organization": organization }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, error: ((await response.json()) as { error?: string }).error };
    },
    [`/api/services/${path}`, init] as const,
  );
}

test("orders are listed by the server, and placed and deleted from the browser, which says so to whoever hears the page", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: "/services/shopping" });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Shopping");
  await expect(page.getByText("No orders yet")).toBeVisible();
  await waitForScripts(page);
  await placeOrder(page, "Rice", 2);
  await expect(orders(page)).toHaveText([/Rice.*2 pieces/]);
  await expect(page.getByRole("main").getByRole("status")).toHaveText("Ordered: Rice");
  await expect(entry(page).getByLabel("Item")).toBeFocused();
  await placeOrder(page, "Tea");
  await expect(orders(page).locator("h3")).toHaveText(["Tea", "Rice"]);
  const posted = app.services.shopping.control.journal().filter(({ method }) => method === "POST");
  expect(posted.map(({ status }) => status)).toEqual([201, 201]);

  // The list of a page that is loaded again is the server's.
  await page.reload();
  await expect(page.getByRole("heading", { level: 2, name: "2 orders" })).toBeVisible();
  await waitForScripts(page);
  await page.getByRole("button", { name: "Cancel: Tea" }).click();
  await expect(orders(page).locator("h3")).toHaveText(["Rice"]);
  await expect(page.getByRole("main").getByRole("status")).toHaveText("Canceled: Tea");
  await expect(page.getByRole("button", { name: "Cancel: Rice" })).toBeFocused();
  await page.reload();
  await expect(orders(page).locator("h3")).toHaveText(["Rice"]);
});

test("an order that another tab placed comes with Load again", async ({ page, context, signIn }) => {
  await signIn("haneul", { to: "/services/shopping" });
  await waitForScripts(page);
  const other = await context.newPage();
  await other.goto("/services/shopping");
  await waitForScripts(other);
  await placeOrder(other, "Rice");
  await expect(orders(other)).toHaveCount(1);
  await page.getByRole("link", { name: "Load again" }).click();
  await expect(orders(page).locator("h3")).toHaveText(["Rice"]);
});

test("whoever may only read sees no form, and is refused by the service when they order all the same", async ({
  page,
  signIn,
}) => {
  await signIn("minsu", { to: "/services/shopping" });
  await expect(page.getByText("Your account may look at orders, but not place any.")).toBeVisible();
  await expect(entry(page)).toHaveCount(0);
  const body = { item: "Rice", quantity: 1 };
  expect(await forge(page, "shopping/orders", { method: "POST", body })).toEqual({
    status: 403,
    error: "insufficient_scope",
  });
  await page.reload();
  await expect(orders(page)).toHaveCount(0);
});

test("who is no admin sees their organization's stock without a form, and the app refuses them", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("minsu", { to: "/services/store" });
  await expect(page.getByText("You may look at this stock, but not change it.")).toBeVisible();
  await expect(entry(page)).toHaveCount(0);
  const call = { method: "POST", body: { item: "Rice", quantity: 1 }, organization: "org_hanok" };
  expect(await forge(page, "store/inventory", call)).toEqual({ status: 403, error: "forbidden" });
  expect(app.services.store.control.journal().every(({ method }) => method === "GET")).toBe(true);
});

test("an admin fills the shelves of one organization, and those of the other stay empty", async ({ page, signIn }) => {
  await signIn("haneul", { to: "/services/store" });
  await waitForScripts(page);
  const fill = async (item: string, quantity: string) => {
    await entry(page).getByLabel("Item").fill(item);
    await entry(page).getByLabel("New quantity").fill(quantity);
    await entry(page).getByRole("button", { name: "Save" }).click();
  };
  await fill("Roof tiles", "1200");
  await expect(page.getByRole("row", { name: "Roof tiles 1,200" })).toBeVisible();
  await fill("Roof tiles", "7");
  await expect(page.getByRole("row", { name: "Roof tiles 7" })).toBeVisible();
  const choice = page.getByRole("navigation", { name: "Organization" });
  await choice.getByRole("link", { name: "Maru Studio" }).click();
  await expect(page.getByText("Nothing in stock yet")).toBeVisible();
  await choice.getByRole("link", { name: "Hanok Works" }).click();
  await expect(page.getByRole("row", { name: "Roof tiles 7" })).toBeVisible();
});

test("somebody else's organization is said to be that, and opens nothing, by address or by a forged call", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("minsu", { to: "/services/store?organization=org_maru" });
  await expect(alert(page)).toContainText("You are not in that organization");
  expect(await forge(page, "store/inventory", { method: "GET", organization: "org_maru" })).toEqual({
    status: 403,
    error: "forbidden",
  });
  expect(app.services.store.control.journal()).toEqual([]);
  await page.getByRole("link", { name: "Hanok Works" }).click();
  await expect(page.getByText("Nothing in stock yet")).toBeVisible();
});

test("who is in no organization is told so", async ({ page, signIn }) => {
  await signIn("jiwoo", { to: "/services/store" });
  await expect(page.getByText("You are in no organization")).toBeVisible();
  await expect(alert(page)).toHaveCount(0);
});

test("the action behind a form refuses who may not use it, and whoever sends another session's form token", async ({
  page,
  newDevice,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: "/services/store" });
  // As the page comes without a script: with the fields that name the action.
  const fields = await page.evaluate(async () => {
    const html = await (await fetch("/services/store", { headers: { accept: "text/html" } })).text();
    // Its styles have the nonce of its own policy, and not of the page that reads it here.
    const form = new DOMParser()
      .parseFromString(html.replace(/<style.*?<\/style>/gs, ""), "text/html")
      .querySelector('form[data-form="entry"]');
    const inputs = [...(form?.querySelectorAll<HTMLInputElement>("input[name]") ?? [])];
    return inputs.map(({ name, value }): [string, string] => [name, value]);
  });
  expect(fields.some(([name]) => name.startsWith("$ACTION"))).toBe(true);
  const others = await newDevice();
  await signInOn(others, "minsu", { to: "/account/connections" });
  const theirToken = await others.locator('input[name="csrfToken"]').first().inputValue();
  const send = (who: Page, csrfToken: string) =>
    who.evaluate(
      async ([pairs, token]) => {
        const form = new FormData();
        for (const [name, value] of pairs) form.set(name, value);
        for (const [name, value] of Object.entries({ csrfToken: token, item: "Rice", quantity: "3" }))
          form.set(name, value);
        const answer = await fetch("/services/store", { method: "POST", body: form, redirect: "manual" });
        return answer.type === "opaqueredirect" ? 303 : answer.status;
      },
      [fields, csrfToken] as const,
    );
  expect(await send(others, theirToken)).toBe(200);
  expect(await send(page, theirToken)).toBe(200);
  const { control } = app.services.store;
  expect(control.journal().filter(({ method }) => method === "POST")).toEqual([]);
  const ownToken = fields.find(([name]) => name === "csrfToken")?.[1] ?? "";
  expect(await send(page, ownToken)).toBe(303);
  expect(control.journal().filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("somebody who was removed from the organization at the provider loses access at the next call", async ({
  page,
  app,
  signIn,
}) => {
  app.services.store.control.setMembershipCheck(true);
  await signIn("minsu", { to: "/services/store" });
  await waitForScripts(page);
  await expect(page.getByText("Nothing in stock yet")).toBeVisible();
  await app.control.changeUser("company", "minsu", { organizations: [] });
  await page.getByRole("link", { name: "Load again" }).click();
  await expect(alert(page)).toContainText("You are not in that organization");
  await expect(page.getByText("Nothing in stock yet")).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Store");
  await expect(page.getByText(/You are in no organization|You are not in that organization/)).toBeVisible();
});

test("a token that ends while somebody orders is replaced, and they notice nothing", async ({ page, app, signIn }) => {
  await app.control.setTokenLifetime("company", 2);
  await signIn("haneul", { to: "/services/shopping" });
  await waitForScripts(page);
  const tokensSeen = () => {
    const headers = app.services.shopping.control.journal().map(({ rawHeaders }) => rawHeaders);
    return new Set(headers.map((raw) => raw[raw.findIndex((name) => name.toLowerCase() === "authorization") + 1])).size;
  };
  let placed = 0;
  const placeOne = async () => {
    placed += 1;
    await placeOrder(page, `Order ${placed}`);
    await expect(orders(page)).toHaveCount(placed);
    await expect(alert(page)).toHaveCount(0);
    return tokensSeen();
  };
  await expect.poll(placeOne, { intervals: [400], timeout: 20_000 }).toBeGreaterThan(2);
  const answers = app.services.shopping.control.journal().filter(({ method }) => method === "POST");
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(placed);
});

test("a token that the service refuses is replaced, and the order that it came with is placed", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("haneul", { to: "/services/shopping" });
  await waitForScripts(page);
  app.services.shopping.control.addFault({ path: "/orders", fault: { kind: "unauthorized" } });
  await placeOrder(page, "Rice");
  await expect(orders(page).locator("h3")).toHaveText(["Rice"]);
  const posted = app.services.shopping.control.journal().filter(({ method }) => method === "POST");
  expect(posted.map(({ status }) => status)).toEqual([401, 201]);
});

test("with the service down the page says so and keeps what was typed, other services work, and it goes on when it is back", async ({
  page,
  app,
  signIn,
}) => {
  const { control } = app.services.shopping;
  await signIn("haneul", { to: "/services/shopping" });
  await waitForScripts(page);
  await control.refuseConnections();
  await placeOrder(page, "Rice");
  await expect(entry(page).getByRole("alert")).toContainText("The service is not answering");
  await expect(entry(page).getByRole("alert")).toContainText("What you wrote is still here");
  await expect(entry(page).getByLabel("Item")).toHaveValue("Rice");
  await page.goto("/services/store");
  await expect(page.getByText("Nothing in stock yet")).toBeVisible();

  await page.goto("/services/shopping");
  await expect(alert(page)).toContainText("nothing is lost");
  await waitForScripts(page);
  await control.acceptConnections();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByText("No orders yet")).toBeVisible();
  await expect(page.getByRole("group", { name: "Your orders" })).toBeFocused();
  await placeOrder(page, "Rice");
  await expect(orders(page)).toHaveCount(1);
});

test("a service that is slow is waited for beside a skeleton, and its list takes that one's place", async ({
  page,
  app,
  signIn,
}) => {
  await signIn("haneul");
  app.services.shopping.control.addFault({ fault: { kind: "delay", delayMs: 2_500 } });
  await page.goto("/services/shopping", { waitUntil: "commit" });
  await expect(page.getByText("The service is taking its time.")).toBeVisible();
  await expect(page.getByText("No orders yet")).toBeVisible();
  await expect(page.getByText("The service is taking its time.")).toHaveCount(0);
});

test("with the provider away nothing is lost, and the form is back with it", async ({ page, app, signIn }) => {
  await app.control.setTokenLifetime("company", 2);
  await signIn("haneul", { to: "/services/shopping" });
  await expect(entry(page)).toBeVisible();
  await app.control.addFault("company", { endpoint: "token", times: null, fault: { kind: "respond", status: 503 } });
  const isSaid = async () => {
    await page.reload();
    // A token that just lives is used meanwhile, and says what may be done.
    const isGone = (await entry(page).count()) === 0;
    return isGone && page.getByText("Your sign-in provider is not answering").isVisible();
  };
  await expect.poll(isSaid, { intervals: [300] }).toBe(true);
  await app.control.clearFaults("company");
  await app.control.setTokenLifetime("company", 3600);
  await waitForScripts(page);
  const tryAgain = async () => {
    const link = page.getByRole("link", { name: "Try again" });
    if (await link.isVisible()) await link.click();
    return entry(page).isVisible();
  };
  await expect.poll(tryAgain, { intervals: [300] }).toBe(true);
  await expect(page.getByText("No orders yet")).toBeVisible();
});

test("after the provider took its grant back the page asks to sign in again, and leads back", async ({
  page,
  app,
  signIn,
}) => {
  await app.control.setTokenLifetime("company", 2);
  await signIn("haneul", { to: "/services/shopping" });
  await app.control.revokeGrants("company", { sub: "haneul" });
  const isSaid = async () => {
    await page.reload();
    return page.getByRole("link", { name: "Sign in again" }).isVisible();
  };
  await expect.poll(isSaid, { intervals: [300] }).toBe(true);
  await app.control.setTokenLifetime("company", 3600);
  await page.getByRole("link", { name: "Sign in again" }).click();
  await chooseProvider(page);
  await page.waitForURL("**/services/shopping");
  await expect(entry(page)).toBeVisible();
});

test("a service that nobody set up has no page, and the home page leads to those that have one", async ({
  page,
  signIn,
}) => {
  await signIn("haneul");
  for (const name of ["nothing", "constructor"]) {
    expect((await page.goto(`/services/${name}`))?.status(), name).toBe(404);
  }
  await page.goto("/");
  await page.getByRole("main").getByRole("link", { name: "Store" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Store");
});

test.describe("in Seoul", () => {
  test.use({ locale: "ko-KR", timezoneId: "Asia/Seoul" });

  test("a page that the server filled is taken over without a fault, and its times are the reader's", async ({
    page,
    signIn,
  }) => {
    await signIn("haneul", { to: "/services/shopping" });
    await waitForScripts(page);
    await entry(page).locator('input[name="item"]').fill("쌀");
    await entry(page).getByRole("button", { name: "주문하기" }).click();
    const time = orders(page).locator("time");
    await expect(time).toContainText("GMT+9");
    const placed = await time.textContent();
    await page.reload();
    await waitForScripts(page);
    await expect(time).toHaveText(placed ?? "");
    await expect(page.getByRole("heading", { level: 2, name: "주문 1건" })).toBeVisible();
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("orders are read, placed and deleted, and what is not taken is said and kept", async ({ page, app, signIn }) => {
    await signIn("haneul", { to: "/services/shopping" });
    await placeOrder(page, "Rice", 3);
    await expect(orders(page)).toHaveText([/Rice.*3 pieces/]);
    await expect(page).toHaveURL(/\/services\/shopping$/);
    app.services.shopping.control.addFault({
      path: "/orders",
      times: 1,
      fault: { kind: "respond", status: 500 },
    });
    await placeOrder(page, "Tea", 2);
    await expect(entry(page).getByRole("alert")).toContainText("The service is not answering");
    await expect(entry(page).getByLabel("Item")).toHaveValue("Tea");
    await page.goto("/services/shopping");
    await page.getByRole("button", { name: "Cancel: Rice" }).click();
    await expect(page.getByText("No orders yet")).toBeVisible();
  });

  test("a slow service leaves a way to the complete page", async ({ page, app, signIn }) => {
    await signIn("haneul");
    app.services.shopping.control.addFault({ fault: { kind: "delay", delayMs: 1_500 }, times: 2 });
    await page.goto("/services/shopping");
    await page.getByRole("link", { name: "Show the page when it is complete" }).click();
    await expect(page.getByText("No orders yet")).toBeVisible();
  });

  test("an admin stocks an organization, and comes back to it", async ({ page, signIn }) => {
    await signIn("haneul", { to: "/services/store?organization=org_maru" });
    await entry(page).getByLabel("Item").fill("Pine");
    await entry(page).getByLabel("New quantity").fill("4");
    await entry(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("row", { name: "Pine 4" })).toBeVisible();
    await expect(page).toHaveURL(/organization=org_maru$/);
  });
});
