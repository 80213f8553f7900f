import type { ReactNode } from "react";

export interface SectionLink {
  href: string;
  label: string;
  isCurrent?: boolean;
}

interface SectionFrameProps {
  heading: ReactNode;
  lead?: string;
  /** Names the navigation. */
  label: string;
  links: readonly SectionLink[];
  /** Leads out of here: set apart from the others. */
  exit: SectionLink;
  children: ReactNode;
}

const link = "inline-flex min-h-11 items-center rounded-lg px-3.5 font-medium whitespace-nowrap lg:flex";
const quiet = "text-muted hover:bg-accent-soft hover:text-ink";

/** A page among its neighbours: their names at its side, or above it where it is narrow. */
export function SectionFrame({ heading, lead, label, links, exit, children }: SectionFrameProps) {
  return (
    <div className="mx-auto w-full max-w-5xl px-5 py-10 sm:py-14">
      <h1 className="font-bold text-3xl wrap-anywhere sm:text-4xl">{heading}</h1>
      {lead && <p className="mt-3 max-w-2xl text-muted lg:text-lg">{lead}</p>}
      <div className="mt-6 grid gap-6 lg:mt-9 lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-10">
        <nav aria-label={label}>
          <ul className="flex flex-wrap gap-1 lg:sticky lg:top-6 lg:flex-col">
            {links.map(({ href, label: name, isCurrent }) => (
              <li key={href}>
                <a
                  href={href}
                  aria-current={isCurrent ? "page" : undefined}
                  className={`${link} ${quiet} aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent`}
                >
                  {name}
                </a>
              </li>
            ))}
            <li className="lg:mt-2 lg:border-line lg:border-t lg:pt-2">
              <a href={exit.href} className={`${link} ${quiet}`}>
                {exit.label}
              </a>
            </li>
          </ul>
        </nav>
        <div className="min-w-0 space-y-6">{children}</div>
      </div>
    </div>
  );
}
