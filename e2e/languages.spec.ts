import { chooseProvider, chooseUser, signOut } from "./fixtures/steps";
import { expect, test } from "./fixtures/test";

test.describe("in a Korean browser", () => {
  test.use({ locale: "ko-KR" });

  test("every step of a sign-in and a sign-out is Korean, the provider's page included", async ({ page }) => {
    const language = () => page.locator("html").getAttribute("lang");
    await page.goto("/account");
    expect(await language()).toBe("ko");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("로그인");
    await expect(page).toHaveTitle("로그인 · 대문");

    const [request] = await Promise.all([
      page.waitForRequest((candidate) => candidate.url().includes("code_challenge=")),
      chooseProvider(page),
    ]);
    expect(new URL(request.url()).searchParams.has("ui_locales")).toBe(false);
    expect(await language()).toBe("ko");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("컴퍼니 계정으로 로그인");
    await chooseUser(page, "minsu");

    await page.waitForURL("**/account");
    expect(await language()).toBe("ko");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("내 계정");
    await signOut(page, "provider");
    expect(await language()).toBe("ko");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("로그아웃했어요");
    await page.goto("/auth-error?code=sign_in_cancelled");
    expect(await language()).toBe("ko");
  });

  test("the switch to English is remembered, on every page and in every tab, and told to the provider", async ({
    page,
    context,
    signIn,
  }) => {
    await page.goto("/sign-in?returnTo=%2Faccount%3Fa%3Db");
    await page.getByRole("button", { name: "English" }).click();
    await expect(page).toHaveURL(/\/sign-in\?returnTo=%2Faccount%3Fa%3Db$/);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
    await chooseProvider(page);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await signIn("minsu");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your account");
    const tab = await context.newPage();
    await tab.goto("/");
    await expect(tab.getByRole("heading", { level: 1 })).toHaveText("Welcome, 이민수");
    await signOut(page, "device");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are signed out");
  });
});

test("in an English browser pages are English, and the switch to Korean is remembered", async ({ page, signIn }) => {
  await signIn("minsu");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("button", { name: "한국어" }).click();
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.locator("html")).toHaveAttribute("lang", "ko");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("내 계정");
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("이민수 님, 어서 오세요");
});

test.describe("in a French browser", () => {
  test.use({ locale: "fr-FR" });

  test("pages are English, and say so", async ({ page }) => {
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
  });
});
