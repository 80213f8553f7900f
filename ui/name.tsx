import { useLocale } from "next-intl";
import { foreignLanguage } from "./foreign-language";

/** A name from elsewhere, of a user, a provider, a service or an organization: with its own direction, and its own language. */
export function Name({ children: name, className }: { children: string; className?: string }) {
  return (
    <bdi lang={foreignLanguage(name, useLocale())} className={className}>
      {name}
    </bdi>
  );
}
