"use server";

import { requireSession } from "@/auth";

export async function addNote(_: string, form: FormData): Promise<string> {
  const session = await requireSession({ returnTo: "/notes" });
  return `${session.subject} noted ${String(form.get("note")).slice(0, 100)}`;
}
