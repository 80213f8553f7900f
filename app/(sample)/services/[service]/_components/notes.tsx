"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { EmptyPlace } from "@/ui/empty-place";
import { Moment } from "@/ui/moment";
import { SectionCard } from "@/ui/section-card";
import { addNote } from "../actions";
import { callProxy } from "../call-proxy";
import { type Listing, type Note, type Place, parseNote } from "../listing";
import { useAnnouncement } from "../use-announcement";
import { useListing } from "../use-listing";
import { EntryForm } from "./entry-form";
import { Field } from "./field";
import { ListCard } from "./list-card";

interface NotesProps {
  place: Place;
  csrfToken: string;
  initial: Listing<Note>;
  mayWrite: boolean;
  /** Stands where the form would, for whoever may not write. */
  children: ReactNode;
}

/** Somebody's notes at a third party. */
export function Notes({ place, csrfToken, initial, mayWrite, children }: NotesProps) {
  const t = useTranslations("services.notes");
  const { announcement, say } = useAnnouncement();
  const notes = useListing({ place, path: "/notes", list: "notes", parse: parseNote, initial });
  const { listing } = notes;

  function written(body: unknown): void {
    const note = parseNote(body);
    if (note === null) return void notes.load();
    notes.change((items) => [...items, note]);
    say(t("written"));
  }

  return (
    <>
      {announcement}
      {mayWrite ? (
        <SectionCard id="write" heading={t("writeHeading")}>
          <EntryForm
            place={place}
            csrfToken={csrfToken}
            action={addNote}
            send={({ text }) => callProxy(place, "/notes", { method: "POST", body: { text } })}
            onSent={written}
            label={t("write")}
            pendingLabel={t("writing")}
          >
            {({ text }) => (
              <Field
                isLong
                label={t("text")}
                name="text"
                maxLength={2_000}
                defaultValue={text}
                className="min-w-0 grow"
              />
            )}
          </EntryForm>
        </SectionCard>
      ) : (
        children
      )}
      <ListCard
        {...notes}
        place={place}
        heading={listing.kind === "list" ? t("heading", { count: listing.items.length }) : t("headingUnknown")}
      >
        {(items) =>
          items.length > 0 ? (
            <ul className="divide-y divide-line border-line border-t">
              {items.toReversed().map((note) => (
                <li key={note.id} data-note={note.id} className="px-5 py-4 sm:px-6">
                  <p className="whitespace-pre-wrap wrap-anywhere">{note.text}</p>
                  <p className="mt-1 text-muted text-sm">
                    <Moment at={new Date(note.writtenAt)} />
                  </p>
                </li>
              ))}
            </ul>
          ) : (
            <div className="px-5 pb-5 sm:px-6 sm:pb-6">
              <EmptyPlace title={t("none.title")} body={t(mayWrite ? "none.body" : "none.bodyReadOnly")} />
            </div>
          )
        }
      </ListCard>
    </>
  );
}
