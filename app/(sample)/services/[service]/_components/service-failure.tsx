import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { type ErrorCode, errorStatus } from "@/edge/error-codes";
import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import type { Place } from "../listing";

interface ServiceFailureProps {
  code: ErrorCode;
  place: Place;
  /** Where a script can try again without leaving the page. Null where there is nothing to try again. */
  onRetry?: (() => void) | null | undefined;
  children?: ReactNode;
}

const named = [
  "upstream_unavailable",
  "upstream_timeout",
  "forbidden",
  "unknown_organization",
  "service_not_connected",
  "invalid_request",
  "csrf_rejected",
] as const satisfies readonly ErrorCode[];

function wordsFor(code: ErrorCode) {
  if (code === "database_unavailable") return "app_unavailable";
  if (/^provider_/.test(code)) return "provider_unavailable";
  if (errorStatus[code] === 401) return "reauthentication_required";
  return named.find((name) => name === code) ?? "other";
}

/** Why a service did not do something, and what to do about it. */
export function ServiceFailure({ code, place, onRetry, children }: ServiceFailureProps) {
  const t = useTranslations("services");
  const words = wordsFor(code);
  return (
    <Notice tone="warn" title={t(`failures.${words}.title`)} role="alert">
      <p>{t(`failures.${words}.body`)}</p>
      {children}
      <Way words={words} code={code} place={place} onRetry={onRetry} />
    </Notice>
  );
}

function Way({ words, code, place, onRetry }: ServiceFailureProps & { words: ReturnType<typeof wordsFor> }) {
  const t = useTranslations("services");
  const style = buttonStyle("secondary", "mt-1");
  if (words === "reauthentication_required") {
    const query = new URLSearchParams({ returnTo: place.address, error: code, provider: place.provider });
    return (
      <p>
        <a href={`/sign-in?${query}`} className={style}>
          {t("signInAgain")}
        </a>
      </p>
    );
  }
  if (words === "service_not_connected") {
    return (
      <p>
        <a href={`/account/connections#${place.service}`} className={style}>
          {t("toConnections")}
        </a>
      </p>
    );
  }
  const isForGood = words === "forbidden" || words === "unknown_organization" || words === "invalid_request";
  if (isForGood || onRetry === null) return null;
  return (
    <p>
      <a
        href={place.address}
        className={style}
        onClick={
          onRetry &&
          ((event) => {
            event.preventDefault();
            onRetry();
          })
        }
      >
        {t("tryAgain")}
      </a>
    </p>
  );
}
