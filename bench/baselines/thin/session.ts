import { getIronSession } from "iron-session";
import { cookies } from "next/headers";

/** What the browser holds, sealed. The name stands in it, so that a page can greet without asking anything. */
interface Session {
  id?: string;
  name?: string;
}

/** What a browser sets out with to the provider, until it returns. */
interface Transaction {
  state?: string;
  nonce?: string;
  verifier?: string;
}

// Its types do without exactOptionalPropertyTypes.
const jar = async () => (await cookies()) as never;
const password = process.env.AUTH_SECRET ?? "";
const cookieOptions = { httpOnly: true, sameSite: "lax", secure: false, path: "/" } as const;

export async function readSession() {
  return getIronSession<Session>(await jar(), { cookieName: "thin.session", password, cookieOptions });
}

export async function readTransaction() {
  return getIronSession<Transaction>(await jar(), { cookieName: "thin.transaction", password, cookieOptions });
}
