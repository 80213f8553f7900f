import { useTranslations } from "next-intl";
import type { ErrorCode } from "@/edge/error-codes";
import { signInAddress } from "@/edge/return-path";
import type { Failure } from "../permission";

interface FailureInWords {
  title: string;
  body: string;
  /** What to do, where it is more than the link. */
  action: string | null;
  link: { href: string; label: string } | null;
}

const page = "/account/inspector";
// What `errors` says of the others that a provider refuses is about sign-ins.
const refusals = ["forbidden", "unknown_resource", "invalid_response"] as const satisfies readonly ErrorCode[];

function wordsFor({ state, code }: Failure) {
  if (state !== "refused" || code === "unknown_organization") return `errors.${code}` as const;
  return `account.inspector.failures.${refusals.find((refusal) => refusal === code) ?? "other"}` as const;
}

/** A failure in the person's words. @param provider the id of the provider to sign in with again */
export function useFailureWords(failure: Failure, provider: string): FailureInWords {
  const t = useTranslations();
  const words = wordsFor(failure);
  const [title, body] = [t(`${words}.title`), t(`${words}.body`)];
  switch (failure.state) {
    case "unavailable":
      return { title, body, action: null, link: { href: page, label: t("account.inspector.loadAgain") } };
    case "reauthenticate": {
      const link = { href: signInAddress(page, failure.code, provider), label: t("account.inspector.signInAgain") };
      return { title, body, action: t(`${words}.action`), link };
    }
    case "refused":
      return { title, body, action: t(`${words}.action`), link: null };
  }
}
