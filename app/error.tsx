"use client";

import { unstable_isUnrecognizedActionError as isOfAnotherBuild } from "next/navigation";
import { buttonStyle } from "@/ui/button-style";
import { DocumentTitle } from "@/ui/document-title";
import { ReferenceLine } from "@/ui/reference-line";
import { Statement } from "@/ui/statement";
import { usePageTexts } from "./_components/statements";

interface CrashProps {
  /** `digest` is what the server's log calls this error; its message stays there. */
  error: Error & { digest?: string };
  retry: () => void;
}

export default function Crash({ error, retry }: CrashProps) {
  const t = usePageTexts().texts.crash;
  const isOutdated: boolean = isOfAnotherBuild(error);
  if (isOutdated) return <Outdated />;
  return (
    <Statement
      heading={t.heading}
      actions={
        <>
          <button type="button" onClick={() => retry()} className={buttonStyle("primary")}>
            {t.retry}
          </button>
          <a href="/" className={buttonStyle("secondary")}>
            {t.home}
          </a>
        </>
      }
    >
      <DocumentTitle title={t.title} />
      <p>{t.body}</p>
      {error.digest && <ReferenceLine label={t.reference} value={error.digest} help={t.referenceHelp} />}
    </Statement>
  );
}

/** A form of this page names a server action that the server, of another build by now, does not have. */
function Outdated() {
  const t = usePageTexts().texts.crash.outdated;
  return (
    <Statement
      heading={t.heading}
      actions={
        <button type="button" onClick={() => window.location.reload()} className={buttonStyle("primary")}>
          {t.reload}
        </button>
      }
    >
      <DocumentTitle title={t.heading} />
      <p>{t.body}</p>
    </Statement>
  );
}
