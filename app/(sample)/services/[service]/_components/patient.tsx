import type { ReactNode } from "react";
import { Patient as PatientPart } from "@/ui/patient";
import { PageSkeleton } from "./page-skeleton";

interface PatientProps<T> {
  reading: Promise<T>;
  heading: string;
  address: string;
  query: Record<string, string | string[] | undefined>;
  children: (value: T) => ReactNode;
}

/** Waits for a service a little, and if it is slow sends a skeleton ahead. */
export function Patient<T>({ reading, heading, address, query, children }: PatientProps<T>) {
  const completeHref = `${address}${address.includes("?") ? "&" : "?"}wait=1`;
  return (
    <PatientPart
      reading={reading}
      isWhole={query.wait === "1"}
      fallback={<PageSkeleton heading={heading} completeHref={completeHref} />}
    >
      {children}
    </PatientPart>
  );
}
