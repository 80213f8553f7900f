"use client";

import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { buttonStyle } from "@/ui/button-style";
import { ReferenceLine } from "@/ui/reference-line";
import { Statement } from "@/ui/statement";

interface CrashProps {
  /** `digest` is what the server's log calls this error; its message stays there. */
  error: Error & { digest?: string };
  retry: () => void;
}

export default function Crash({ error, retry }: CrashProps) {
  const t = useTranslations("crash");
  const title = t("title");
  useEffect(() => {
    // The failed page has set its own title already, and metadata can't come from a client component.
    document.title = title;
  }, [title]);
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
      <p>{t("body")}</p>
      {error.digest && <ReferenceLine label={t("reference")} value={error.digest} help={t("referenceHelp")} />}
    </Statement>
  );
}
