"use server";

import { notFound } from "next/navigation";
import { findService } from "@/server/services/registry";
import { requireSession } from "@/server/sessions/require-session";
import type { Entry } from "./entry";
import { rolesFor } from "./permission";
import { sendEntry } from "./send-entry";

// What the forms do where no script runs. With one, they go through the proxy.

export async function placeOrder(_: Entry | null, form: FormData): Promise<Entry | null> {
  await requireSession({ returnTo: "/services/shopping" });
  return sendEntry(form, {
    service: "shopping",
    path: "/orders",
    body: ({ item, quantity }) => ({ item, quantity: Number(quantity) }),
  });
}

export async function deleteOrder(_: Entry | null, form: FormData): Promise<Entry | null> {
  await requireSession({ returnTo: "/services/shopping" });
  const id = encodeURIComponent(String(form.get("id")));
  return sendEntry(form, { service: "shopping", path: `/orders/${id}`, method: "DELETE" });
}

export async function stockItem(_: Entry | null, form: FormData): Promise<Entry | null> {
  const service = findService("store");
  if (!service) notFound();
  // The proxy asks for these; a call of our own is bound by nothing but what stands here.
  const roles = rolesFor(service, "POST", "/inventory");
  await requireSession({ returnTo: "/services/store", ...(roles && { roles }) });
  return sendEntry(form, {
    service: "store",
    path: "/inventory",
    organization: String(form.get("organization")),
    body: ({ item, quantity }) => ({ item, quantity: Number(quantity) }),
  });
}

export async function addNote(_: Entry | null, form: FormData): Promise<Entry | null> {
  await requireSession({ returnTo: "/services/notes" });
  return sendEntry(form, { service: "notes", path: "/notes", body: ({ text }) => ({ text }) });
}
