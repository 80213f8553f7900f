import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { SectionCard } from "@/ui/section-card";
import { SkeletonRows } from "@/ui/skeleton-rows";

/** While the provider is asked. Without a script nothing could take its place: then the whole page is loaded. */
export function PermissionsSkeleton({ completeHref }: { completeHref: string }) {
  const t = useTranslations("account.inspector");
  return (
    <SectionCard id="waiting" heading={t("waiting.heading")} lead={t("waiting.lead")}>
      <div className="mt-5">
        <noscript>
          <meta httpEquiv="refresh" content={`0; url=${completeHref}`} />
          <p className="px-5 pb-5 sm:px-6">
            <a href={completeHref} className={buttonStyle("secondary")}>
              {t("waiting.whole")}
            </a>
          </p>
        </noscript>
        <SkeletonRows />
      </div>
    </SectionCard>
  );
}
