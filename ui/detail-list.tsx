import type { ReactNode } from "react";

export interface Detail {
  label: string;
  value: ReactNode;
}

/** Names and values side by side; below each other where it is narrow. */
export function DetailList({ details }: { details: Detail[] }) {
  return (
    <dl className="grid gap-x-8 gap-y-5 p-5 sm:grid-cols-2 sm:p-6">
      {details.map(({ label, value }) => (
        <div key={label} className="min-w-0">
          <dt className="text-muted text-sm">{label}</dt>
          <dd className="mt-0.5 font-medium wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
