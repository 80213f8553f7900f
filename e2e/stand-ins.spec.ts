import { expect, test, withServices } from "./fixtures/test";

// Handlers of a test in the place of services.

test.use(
  withServices({
    shopping: async (request) => {
      if (request.method === "POST") throw new Error("The handler fails.");
      return Response.json({ hasToken: /^Bearer \S+$/.test(request.headers.get("authorization") ?? "") });
    },
  }),
);

test("a handler gets the user's token, and one that throws is a service that fails", async ({
  page,
  signInAs,
  standIns,
}) => {
  await signInAs(page, "minsu");
  const answers = await page.evaluate(async () => {
    const headers = { "X-CSRF": "1", "Content-Type": "application/json" };
    const read = await fetch("/api/services/shopping/orders", { headers });
    const written = await fetch("/api/services/shopping/orders", { method: "POST", headers, body: "{}" });
    return [read.status, await read.json(), written.status];
  });
  expect(answers).toEqual([200, { hasToken: true }, 502]);
  expect(standIns.shopping?.asked).toEqual(["GET /orders", "POST /orders"]);
});
