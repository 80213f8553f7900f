import type { ReactNode } from "react";

interface SectionCardProps {
  /** Names the section for its heading's anchor and for assistive technology. */
  id: string;
  heading: string;
  lead?: string;
  children: ReactNode;
}

/** A titled part of an account page. */
export function SectionCard({ id, heading, lead, children }: SectionCardProps) {
  return (
    <section aria-labelledby={id} className="rounded-xl border border-line bg-surface">
      <div className="px-5 pt-5 sm:px-6 sm:pt-6">
        <h2 id={id} className="font-semibold text-xl">
          {heading}
        </h2>
        {lead && <p className="mt-1.5 text-muted wrap-anywhere">{lead}</p>}
      </div>
      {children}
    </section>
  );
}
