import type { Metadata } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = {
  title: { template: "%s · Daemun", default: "Daemun" },
  description:
    "Sign in with an account you already have, see every device you are signed in on, and sign out of any of them.",
};

/** What stands around each page of the product, in the same words, rendered once and styled by nobody. */
export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <a href="#main">Skip to content</a>
        <header>
          <a href="/" aria-label="Daemun, home">
            Daemun
          </a>
          <form method="post" action="/api/locale">
            <button type="submit" lang="ko">
              한국어
            </button>
          </form>
          <a href="/sign-in">Sign in</a>
        </header>
        <main id="main">{children}</main>
        <footer>
          <p>Daemun</p>
          <p>Your sign-in is kept on our server. This browser holds only an encrypted cookie.</p>
          <form method="post" action="/api/theme">
            <fieldset>
              <legend>Appearance</legend>
              <button type="submit" name="theme" value="system" aria-label="As on your device" />
              <button type="submit" name="theme" value="light" aria-label="Light" />
              <button type="submit" name="theme" value="dark" aria-label="Dark" />
            </fieldset>
          </form>
        </footer>
      </body>
    </html>
  );
}
