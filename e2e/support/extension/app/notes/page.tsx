"use client";

import { useActionState } from "react";
import { addNote } from "./actions";

export default function NotesPage() {
  const [said, add] = useActionState(addNote, "");
  return (
    <form action={add} data-form="note">
      <input name="note" />
      <button type="submit">Add</button>
      <output>{said}</output>
    </form>
  );
}
