"use client";

import { useActionState } from "react";
import { probe } from "./actions";

export function ProbeForm({ resource }: { resource: string }) {
  const [said, send] = useActionState(probe, "");
  return (
    <form action={send} data-form="probe">
      <input name="resource" defaultValue={resource} />
      <button type="submit">Probe</button>
      <output>{said}</output>
    </form>
  );
}
