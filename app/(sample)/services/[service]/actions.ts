"use server";

import { requireSession } from "@/auth";
import type { Entry } from "./entry";
import { sendEntry } from "./send-entry";

// What the forms do where no script runs. With one, they go through the proxy.

export async function placeOrder(_: Entry | null, form: FormData): Promise<Entry | null> {
  const session = await requireSession({ returnTo: "/services/shopping" });
  return sendEntry(session, form, {
    service: "shopping",
    path: "/orders",
    body: ({ item, quantity }) => ({ item, quantity: Number(quantity) }),
  });
}

export async function deleteOrder(_: Entry | null, form: FormData): Promise<Entry | null> {
  const session = await requireSession({ returnTo: "/services/shopping" });
  const id = encodeURIComponent(String(form.get("id")));
  return sendEntry(session, form, { service: "shopping", path: `/orders/${id}`, method: "DELETE" });
}

export async function stockItem(_: Entry | null, form: FormData): Promise<Entry | null> {
  const session = await requireSession({ returnTo: "/services/store" });
  return sendEntry(session, form, {
    service: "store",
    path: "/inventory",
    organization: String(form.get("organization")),
    body: ({ item, quantity }) => ({ item, quantity: Number(quantity) }),
  });
}

export async function addNote(_: Entry | null, form: FormData): Promise<Entry | null> {
  const session = await requireSession({ returnTo: "/services/notes" });
  return sendEntry(session, form, { service: "notes", path: "/notes", body: ({ text }) => ({ text }) });
}
