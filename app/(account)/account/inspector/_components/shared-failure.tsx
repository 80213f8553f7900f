import { buttonStyle } from "@/ui/button-style";
import { Notice } from "@/ui/notice";
import type { Failure } from "../permission";
import { useFailureWords } from "./use-failure-words";

/** What all permissions fail for, said once. */
export function SharedFailure({ failure, provider }: { failure: Failure; provider: string }) {
  const { title, body, action, link } = useFailureWords(failure, provider);
  return (
    <Notice tone="warn" title={title}>
      <p>
        {body} {action}
      </p>
      {link && (
        <p>
          <a href={link.href} className={buttonStyle("primary", "mt-1")}>
            {link.label}
          </a>
        </p>
      )}
    </Notice>
  );
}
