"use server";

import "server-only";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { parseReturnPath, signInAddress } from "@/edge/return-path";
import { callingPage, localPart, saysSameOrigin } from "../http/same-origin";
import { formToken } from "../sessions/cookies/form-token";
import { env } from "../settings/env";
import type { ProviderId } from "../settings/names";
import { postWithin } from "./post-within";

// Anybody may call these, signed in or not, and with whatever arguments: they are the endpoints of sign-in and sign-out once
// more, with the same checks. No session is required of who signs in.

/** What a sign-in or a sign-out may be told. */
export interface SignOptions {
  /** A path of this app to go to afterwards; the page that the call comes from, if absent. */
  redirectTo?: string;
  /** False answers the address in place of redirecting there. */
  redirect?: boolean;
}

export interface SignInOptions extends SignOptions {
  /** `sign-up` opens the provider's registration page, where it has one. */
  mode?: "sign-in" | "sign-up";
}

/** What may be said to the provider. Anything else that an authorization request holds is the server's. */
type AuthorizationParameters = Readonly<Partial<Record<"login_hint" | "prompt" | "ui_locales", string>>>;

/**
 * Begins a sign-in and leaves for the provider, as NextAuth's `signIn()` does. Without a provider, where there are several, it
 * leads to the page that lists them. A form may have it for its action: `<form action={signIn.bind(null, "company")}>`; the
 * form's fields then stand for the options.
 *
 * @returns the address, with `redirect: false`
 */
export async function signIn(
  provider: ProviderId | undefined,
  options: SignInOptions & { redirect: false },
  authorization?: AuthorizationParameters,
): Promise<string>;
export async function signIn(
  provider?: ProviderId | FormData,
  options?: SignInOptions | FormData,
  authorization?: AuthorizationParameters,
): Promise<void>;
export async function signIn(
  provider?: ProviderId | FormData,
  options: SignInOptions | FormData = {},
  authorization: AuthorizationParameters = {},
): Promise<unknown> {
  const given = provider instanceof FormData ? fieldsOf(provider) : fieldsOf(options);
  const fields: Record<string, string> = {
    ...pick({ ...given, ...fieldsOf(authorization) }, "mode", "remember", "login_hint", "prompt", "ui_locales"),
    returnTo: parseReturnPath((await targetIn(given)) ?? callingPage(await headers())),
  };
  const known = env().providers;
  const only = known.length === 1 ? known[0]?.id : undefined;
  const id = typeof provider === "string" ? provider : only;
  return goTo(id === undefined ? signInAddress(fields.returnTo) : await postWithin(["signin", id], fields), options);
}

/**
 * Ends the session of this browser, as NextAuth's `signOut()` does, and leads to `redirectTo`, or to where `daemun.config.ts`
 * says. A form may have it for its action: `<form action={signOut}>`.
 *
 * @returns the address, with `redirect: false`
 */
export async function signOut(options: SignOptions & { redirect: false }): Promise<string>;
export async function signOut(options?: SignOptions | FormData): Promise<void>;
export async function signOut(options: SignOptions | FormData = {}): Promise<unknown> {
  const target = await targetIn(fieldsOf(options));
  const fields: Record<string, string> = { scope: "device", ...(target !== undefined && { returnTo: target }) };
  // The action's own address and the browser's word stand for a form of ours; without that word it is refused, and written down.
  if (saysSameOrigin(await headers())) fields.csrfToken = await formToken("session");
  return goTo(await postWithin(["signout"], fields), options);
}

function goTo(address: string, options: SignOptions | FormData): string {
  return !(options instanceof FormData) && options?.redirect === false ? address : redirect(address);
}

/** The texts among what was given. */
function fieldsOf(given: unknown): Record<string, string> {
  const entries = given instanceof FormData ? [...given] : Object.entries(given ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function pick(fields: Readonly<Record<string, string>>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name] ?? ""]] : [])));
}

/** Where to go afterwards, by any of its names. */
async function targetIn({ redirectTo, returnTo, callbackUrl }: Record<string, string>): Promise<string | undefined> {
  return localPart(redirectTo ?? returnTo ?? callbackUrl, await headers());
}
