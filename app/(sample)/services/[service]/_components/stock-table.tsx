import { useFormatter, useTranslations } from "next-intl";
import type { Stock } from "../listing";

export function StockTable({ items }: { items: Stock[] }) {
  const t = useTranslations("services.inventory");
  const format = useFormatter();
  return (
    <table className="w-full border-line border-t">
      <caption className="sr-only">{t("caption")}</caption>
      <thead>
        <tr className="text-left text-muted text-sm">
          <th scope="col" className="px-5 py-2.5 font-medium sm:px-6">
            {t("columnItem")}
          </th>
          <th scope="col" className="px-5 py-2.5 text-right font-medium sm:px-6">
            {t("columnQuantity")}
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line border-line border-t">
        {items.map(({ item, quantity }) => (
          <tr key={item}>
            <th scope="row" className="px-5 py-3.5 text-left font-semibold wrap-anywhere sm:px-6">
              <bdi>{item}</bdi>
            </th>
            <td className="px-5 py-3.5 text-right tabular-nums sm:px-6">{format.number(quantity)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
