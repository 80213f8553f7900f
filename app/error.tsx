"use client";

import { useTranslations } from "next-intl";
import { buttonStyle } from "@/ui/button-style";
import { DocumentTitle } from "@/ui/document-title";
import { ReferenceLine } from "@/ui/reference-line";
import { Statement } from "@/ui/statement";

interface CrashProps {
  /** `digest` is what the server's log calls this error; its message stays there. */
  error: Error & { digest?: string };
  retry: () => void;
}

export default function Crash({ error, retry }: CrashProps) {
  const t = useTranslations("crash");
  return (
    <Statement
      heading={t("heading")}
      actions={
        <>
          <button type="button" onClick={() => retry()} className={buttonStyle("primary")}>
            {t("retry")}
          </button>
          <a href="/" className={buttonStyle("secondary")}>
            {t("home")}
          </a>
        </>
      }
    >
      <DocumentTitle title={t("title")} />
      <p>{t("body")}</p>
      {error.digest && <ReferenceLine label={t("reference")} value={error.digest} help={t("referenceHelp")} />}
    </Statement>
  );
}
