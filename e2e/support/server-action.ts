import type { HttpBrowser, Page } from "./http-browser";

/** Sends the form of a server action, the only one on `page`, as a browser without JavaScript does. */
export async function submitAction(browser: HttpBrowser, page: Page, fields: Record<string, string>): Promise<Page> {
  const form = new FormData();
  for (const [input] of page.body.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1] ?? "";
    form.set(name, (/value="([^"]*)"/.exec(input)?.[1] ?? "").replaceAll("&quot;", '"'));
  }
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const encoded = new Response(form);
  return browser.request(page.url, {
    method: "POST",
    body: await encoded.text(),
    headers: { "Content-Type": encoded.headers.get("content-type") ?? "" },
  });
}
