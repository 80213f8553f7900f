import type { ReactNode } from "react";

interface DisclosureProps {
  label: string;
  /** Of what, for whoever hears the label without what stands around it. */
  of?: string;
  /** Class names that place the label in what is around it. */
  className?: string;
  children: ReactNode;
}

/** What is there on request. Works without script. */
export function Disclosure({ label, of, className = "", children }: DisclosureProps) {
  return (
    <details className="group">
      <summary
        className={`inline-flex min-h-11 cursor-pointer list-none items-center gap-2 rounded-lg px-2 font-medium text-accent hover:bg-accent-soft [&::-webkit-details-marker]:hidden ${className}`}
      >
        <svg
          viewBox="0 0 16 16"
          className="size-4 shrink-0 fill-none stroke-current transition-transform group-open:rotate-90"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
          focusable="false"
        >
          <path d="m6 3.5 4.5 4.5L6 12.5" />
        </svg>
        {label} {of && <span className="sr-only">{of}</span>}
      </summary>
      {children}
    </details>
  );
}
