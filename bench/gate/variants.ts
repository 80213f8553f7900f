import { encode } from "next-auth/jwt";
import { createSessionCookieCodec, idleDeadlineFrom } from "@/edge/session-cookie";

export const secret = "k3Vq9Zt1xB7nM4cR8wY2uJ6pL0sD5fHa";

export interface Variant {
  name: "gate" | "empty" | "next-auth";
  label: string;
  /** What becomes the app's `middleware.ts`, from the repository's root. */
  middleware: string;
  /** A `Cookie` header of somebody who is signed in, sealed now. */
  signIn(): Promise<string>;
}

/** The gate, what it costs at least, and what it stands in for. */
export const variants: readonly Variant[] = [
  { name: "gate", label: "the gate", middleware: "middleware.ts", signIn: signInAtTheGate },
  // Carries the same cookie, so that the requests are of one size.
  {
    name: "empty",
    label: "an empty middleware",
    middleware: "bench/gate/middleware/empty.ts",
    signIn: signInAtTheGate,
  },
  {
    name: "next-auth",
    label: "NextAuth's auth()",
    middleware: "bench/gate/middleware/next-auth.ts",
    signIn: signInAtNextAuth,
  },
];

async function signInAtTheGate(): Promise<string> {
  const cookies = createSessionCookieCodec([secret], false);
  const now = Math.floor(Date.now() / 1000);
  const value = await cookies.seal({
    sub: "5e0e3c6e-0a0b-4c57-9a52-0a6c1de7f001",
    sid: "v0mA5y7hQyJq3yqk3m0G8i4E0mFQ0yqV0d0G5yJq3yk",
    provider: "company",
    roles: ["admin"],
    authTime: now,
    issuedAt: now,
    idleSeconds: 1800,
    idleDeadline: idleDeadlineFrom(now, 1800, now + 43_200),
    absoluteDeadline: now + 43_200,
  });
  return `${cookies.name}=${value}`;
}

async function signInAtNextAuth(): Promise<string> {
  const name = "authjs.session-token";
  const token = {
    sub: "5e0e3c6e-0a0b-4c57-9a52-0a6c1de7f001",
    name: "Kim Minjun",
    email: "minjun.kim@company.example",
    picture: "https://company.example/people/minjun.png",
  };
  return `${name}=${await encode({ token, secret, salt: name })}`;
}
