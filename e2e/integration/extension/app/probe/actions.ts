"use server";

import { requireSession } from "@/server/sessions/require-session";
import { getAccessToken } from "@/server/sessions/session-tokens";
import { shown } from "./outcome";

export async function probe(_: string, form: FormData): Promise<string> {
  await requireSession({ returnTo: "/probe" });
  return JSON.stringify(shown(await getAccessToken({ resource: String(form.get("resource")) })));
}
