import { useTranslations } from "next-intl";
import { type ReactNode, useRef } from "react";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";
import { SkeletonRows } from "@/ui/skeleton-rows";
import type { Listing, Place } from "../listing";
import { ServiceFailure } from "./service-failure";

interface ListCardProps<T> {
  heading: string;
  lead?: string;
  place: Place;
  listing: Listing<T>;
  isLoading: boolean;
  load: () => Promise<void>;
  children: (items: T[]) => ReactNode;
}

/** What a service keeps: on its way, missing, or there. */
export function ListCard<T>({ heading, lead, place, listing, isLoading, load, children }: ListCardProps<T>) {
  const t = useTranslations("services");
  const body = useRef<HTMLDivElement>(null);
  const retry = () => {
    // What was clicked goes away.
    body.current?.focus();
    void load();
  };
  return (
    <SectionCard
      id="list"
      heading={heading}
      {...(lead !== undefined && { lead })}
      action={
        listing.kind === "list" && (
          <a
            href={place.address}
            className={buttonStyle("quiet", "-mt-2 -mr-5")}
            onClick={(event) => {
              event.preventDefault();
              void load();
            }}
          >
            {t(isLoading ? "loading" : "loadAgain")}
          </a>
        )
      }
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a group of what is loaded, and no fields. */}
      <div
        ref={body}
        role="group"
        tabIndex={-1}
        aria-labelledby="list"
        aria-busy={isLoading}
        className="mt-5 outline-none"
      >
        {listing.kind === "list" && children(listing.items)}
        {listing.kind === "failed" && isLoading && <SkeletonRows />}
        {listing.kind === "failed" && !isLoading && (
          <div className="px-5 pb-5 sm:px-6 sm:pb-6">
            <ServiceFailure code={listing.code} place={place} onRetry={retry} />
          </div>
        )}
      </div>
    </SectionCard>
  );
}
