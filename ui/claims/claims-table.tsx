import { useTranslations } from "next-intl";
import { ClaimName } from "./claim-name";
import { ClaimValue } from "./claim-value";
import { hasLabel, orderClaims } from "./known-claims";

interface ClaimsTableProps {
  claims: Record<string, unknown>;
  /** Which token's they are, for whoever hears the table. */
  caption: string;
}

export function ClaimsTable({ claims, caption }: ClaimsTableProps) {
  const t = useTranslations("account.claims");
  return (
    <table className="w-full table-fixed border-collapse text-[0.9375rem]">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr className="border-line border-b text-left text-muted text-sm">
          <th scope="col" className="w-2/5 py-3 pr-4 pl-5 font-medium sm:w-64 sm:pl-6">
            {t("name")}
          </th>
          <th scope="col" className="py-3 pr-5 font-medium sm:pr-6">
            {t("value")}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {orderClaims(claims).map(([name, value]) => (
          <tr key={name} data-claim={name} className="align-top">
            <th scope="row" className="py-3.5 pr-4 pl-5 text-left font-normal sm:pl-6">
              {hasLabel(name) && <span className="block font-medium">{t(`labels.${name}`)}</span>}
              <ClaimName name={name} />
            </th>
            <td className="py-3.5 pr-5 sm:pr-6">
              <ClaimValue name={name} value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
