import { useTranslations } from "next-intl";
import { ChipList } from "../chip-list";
import { Moment } from "../moment";
import { readClaim } from "./read-claim";

/** A claim's value. It was written by a provider, so it is only ever text. */
export function ClaimValue({ name, value }: { name: string; value: unknown }) {
  const t = useTranslations("account.claims");
  const view = readClaim(name, value);
  switch (view.kind) {
    case "empty":
      return <span className="text-muted">{t("emptyValue")}</span>;
    case "boolean":
      return t(view.value ? "yes" : "no");
    case "moment":
      return (
        <>
          <Moment at={view.at} /> <code className="block font-mono text-muted text-sm">{view.raw}</code>
        </>
      );
    case "list":
      return <ChipList items={view.items} />;
    case "structure":
      return (
        <pre className="overflow-x-auto rounded-lg bg-paper p-3 font-mono text-sm whitespace-pre-wrap wrap-anywhere">
          {view.json}
        </pre>
      );
    case "text":
      return <bdi className="whitespace-pre-wrap wrap-anywhere">{view.text}</bdi>;
  }
}
