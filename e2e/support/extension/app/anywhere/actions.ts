"use server";

import { signIn, signOut } from "@/auth";

// A developer's own actions, which sign in and out at their end.

export async function enter(form: FormData): Promise<void> {
  await signIn("company", { redirectTo: String(form.get("to")) });
}

export async function leave(): Promise<void> {
  await signOut({ redirectTo: "/anywhere?left=1" });
}

export async function addressOf(_: string, form: FormData): Promise<string> {
  return signIn("company", { redirectTo: String(form.get("to")), redirect: false });
}
