import type { ReactNode } from "react";
import { contentId } from "./content-id";
import { ShowsCurrent } from "./shows-current";

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
        {/* On a phone one line, which scrolls sideways. */}
        <nav
          aria-label={label}
          className="-mx-5 overflow-x-auto px-5 py-1 [scrollbar-width:none] lg:mx-0 lg:overflow-visible lg:p-0"
        >
          <ul className="flex w-max gap-1 lg:sticky lg:top-6 lg:w-auto lg:flex-col">
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
          <ShowsCurrent />
        </nav>
        <div id={contentId} tabIndex={-1} className="min-w-0 space-y-6 outline-none">
          {children}
        </div>
      </div>
    </div>
  );
}
