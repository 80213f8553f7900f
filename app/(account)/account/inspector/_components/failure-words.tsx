import { buttonStyle } from "@/ui/button-style";
import type { Failure } from "../permission";
import { useFailureWords } from "./use-failure-words";

/** Why a permission cannot be used now, and what to do about it. */
export function FailureWords({ failure, provider }: { failure: Failure; provider: string }) {
  const { title, body, action, link } = useFailureWords(failure, provider);
  return (
    <>
      <p className="font-semibold">{title}</p>
      <p className="mt-0.5 text-muted">
        {body} {action}
      </p>
      {link && (
        <p className="mt-3">
          <a href={link.href} className={buttonStyle("secondary", "w-full sm:w-auto")}>
            {link.label}
          </a>
        </p>
      )}
    </>
  );
}
