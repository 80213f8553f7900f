import { useFormatter, useTranslations } from "next-intl";
import { Badge } from "@/ui/badge";
import { ClaimName } from "@/ui/claims/claim-name";
import { ClaimValue } from "@/ui/claims/claim-value";
import { orderClaims } from "@/ui/claims/known-claims";
import { Moment } from "@/ui/moment";
import { SectionCard } from "@/ui/section-card";
import { differingClaims, lifetimeOf, type SignInDocument } from "../document";

const cell = "py-3 pr-4 align-top";
const rowHead = "sticky left-0 bg-surface py-3 pr-4 pl-5 text-left align-top font-normal sm:pl-6";

/** Documents side by side: when each ends, and what each says, with what they say differently marked. */
export function DocumentsTable({ documents }: { documents: readonly SignInDocument[] }) {
  const t = useTranslations("account.tokens");
  const format = useFormatter();
  const differing = differingClaims(documents);
  const all: Record<string, unknown> = Object.assign({}, ...documents.map(({ claims }) => claims ?? {}));
  const titleOf = ({ kind, name }: SignInDocument) => (name === null ? t(`kinds.${kind}`) : t("kinds.of", { name }));
  return (
    <SectionCard
      id="documents"
      heading={t("heading", { count: documents.length })}
      lead={differing.length > 0 ? t("differ", { claims: differing.join(", ") }) : t("agree")}
    >
      {/* What only screen readers see is placed in it, or the page would be as wide as its table. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls by itself, for the keyboard too. */}
      <section aria-label={t("caption")} tabIndex={0} className="relative mt-4 overflow-x-auto rounded-b-xl">
        <table className="w-full min-w-max border-collapse text-[0.9375rem]">
          <caption className="sr-only">{t("caption")}</caption>
          <thead>
            <tr className="border-line border-b text-left text-muted text-sm">
              <th scope="col" className={`${rowHead} font-medium`}>
                {t("claim")}
              </th>
              {documents.map((document) => (
                <th key={titleOf(document)} scope="col" className={`${cell} font-medium`}>
                  <bdi>{titleOf(document)}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            <tr>
              <th scope="row" className={rowHead}>
                {t("lasts")}
              </th>
              {documents.map((document) => {
                const seconds = lifetimeOf(document);
                return (
                  <td key={titleOf(document)} className={cell}>
                    {document.code !== null && <Badge tone="warn">{t("absent", { code: document.code })}</Badge>}
                    {document.code === null && document.claims === null && t("opaque")}
                    {seconds !== null && (
                      <span className="block">{t("seconds", { seconds: format.number(seconds) })}</span>
                    )}
                    {document.until && (
                      <span className="block text-muted text-sm">
                        <Moment at={document.until} />
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
            {orderClaims(all).map(([name]) => (
              <tr key={name} data-claim={name} data-differs={differing.includes(name)}>
                <th scope="row" className={rowHead}>
                  <ClaimName name={name} />
                  {differing.includes(name) && (
                    <span className="ml-2 inline-block">
                      <Badge tone="warn">{t("differs")}</Badge>
                    </span>
                  )}
                </th>
                {documents.map((document) => (
                  <td key={titleOf(document)} className={`${cell} max-w-xs min-w-48`}>
                    {document.claims && Object.hasOwn(document.claims, name) ? (
                      <ClaimValue name={name} value={document.claims[name]} />
                    ) : (
                      <span className="text-muted">
                        <span aria-hidden="true">–</span>
                        <span className="sr-only">{t("unsaid")}</span>
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </SectionCard>
  );
}
