"use client";

import { type ReactNode, useSyncExternalStore } from "react";
import { dayFormat } from "./moment-format";

interface DayItem {
  key: number;
  /** ISO 8601, UTC. */
  at: string;
  /** Its day in UTC, as the server words it. */
  day: string;
  node: ReactNode;
}

interface DayGroupsProps {
  locale: string;
  /** In the order in which they are shown. */
  items: readonly DayItem[];
}

const never = () => () => {};

/** Rows below the days that they are of: the reader's own days, and UTC's where JavaScript is off. */
export function DayGroups({ locale, items }: DayGroupsProps) {
  const isLocal = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return groupsOf(items, isLocal).map(({ day, members: [first, ...others] }) => (
    <section key={day} aria-labelledby={`day-${day}`}>
      <h2 id={`day-${day}`} className="font-semibold text-muted text-sm" suppressHydrationWarning>
        {isLocal ? new Intl.DateTimeFormat(locale, dayFormat).format(new Date(first.at)) : first.day}
      </h2>
      <ul className="mt-2.5 divide-y divide-line rounded-xl border border-line bg-surface">
        {[first, ...others].map(({ key, node }) => (
          <li key={key} className="p-5 sm:px-6">
            {node}
          </li>
        ))}
      </ul>
    </section>
  ));
}

interface Group {
  day: string;
  members: [DayItem, ...DayItem[]];
}

function groupsOf(items: readonly DayItem[], isLocal: boolean): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const day = isLocal ? localDay(new Date(item.at)) : item.at.slice(0, 10);
    const last = groups.at(-1);
    if (last?.day === day) last.members.push(item);
    else groups.push({ day, members: [item] });
  }
  return groups;
}

function localDay(at: Date): string {
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
