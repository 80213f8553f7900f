import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";
import { SkeletonRows } from "@/ui/skeleton-rows";

/** Stands in for a page whose service takes its time. `completeHref` is the page that waits for it, for want of a script. */
export function PageSkeleton({ heading, completeHref }: { heading: string; completeHref: string }) {
  const t = useTranslations("services");
  return (
    <SectionCard id="waiting" heading={heading} lead={t("slow")}>
      <div className="mt-5">
        <noscript>
          <p className="px-5 pb-5 sm:px-6">
            <a href={completeHref} className={buttonStyle("secondary")}>
              {t("waitForAll")}
            </a>
          </p>
        </noscript>
        <SkeletonRows />
      </div>
    </SectionCard>
  );
}
