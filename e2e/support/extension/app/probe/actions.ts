"use server";

import { getAccessToken, type ResourceIndicator, requireSession } from "@/auth";
import { shown } from "./outcome";

export async function probe(_: string, form: FormData): Promise<string> {
  await requireSession({ returnTo: "/probe" });
  return JSON.stringify(shown(await getAccessToken({ resource: String(form.get("resource")) as ResourceIndicator })));
}
