import type { Metadata } from "next";

export const metadata: Metadata = { title: "Welcome" };

const points = [
  ["No new password", "Use an account you already trust. We never see its password."],
  [
    "Nothing to steal in the browser",
    "What gives access to your data stays encrypted on our server. Your browser holds only an encrypted cookie.",
  ],
  ["Sign out for real", "Sign out on this device, at your sign-in provider too, or on every device at once."],
] as const;

/** The text of the product's own home page. */
export default function Home() {
  return (
    <>
      <h1>Sign in once, use everything here</h1>
      <p>
        Sign in with an account you already have. You can see every device you are signed in on, and sign out of any of
        them at any time.
      </p>
      <a href="/sign-in">Sign in</a>
      <section aria-labelledby="points">
        <h2 id="points">What you get</h2>
        <ul>
          {points.map(([title, body]) => (
            <li key={title}>
              <h3>{title}</h3>
              <p>{body}</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
