"use server";

import { signIn } from "@/bench/baselines/next-auth/auth";

export async function signInWithCompany(): Promise<void> {
  await signIn("company", { redirectTo: "/who" });
}
