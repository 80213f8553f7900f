import type { ReactNode } from "react";

interface SectionCardProps {
  /** Names the section for its heading's anchor and for assistive technology. */
  id: string;
  heading: string;
  lead?: string;
  /** Something small to do with all of it, beside the heading. */
  action?: ReactNode;
  children: ReactNode;
}

/** A titled part of an account page. */
export function SectionCard({ id, heading, lead, action, children }: SectionCardProps) {
  return (
    <section aria-labelledby={id} className="rounded-xl border border-line bg-surface">
      <div className="flex flex-wrap items-start justify-between gap-x-4 px-5 pt-5 sm:px-6 sm:pt-6">
        <div className="min-w-0">
          <h2 id={id} className="font-semibold text-xl wrap-anywhere">
            {heading}
          </h2>
          {lead && <p className="mt-1.5 text-muted wrap-anywhere">{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
