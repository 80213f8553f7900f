import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ForbiddenStatement } from "@/app/_components/forbidden-statement";
import { type ErrorCode, errorStatus, isErrorCode } from "@/edge/error-codes";
import { answerWith } from "@/server/http/request-context";
import { getSessionState } from "@/server/sessions/session-state";
import { parseReference } from "@/ui/reference";
import { ErrorStatement } from "../_components/error-statement";

interface PageQuery {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata({ searchParams }: PageQuery): Promise<Metadata> {
  const [t, { code }] = await Promise.all([getTranslations(), searchParams]);
  return { title: t(`errors.${known(code)}.title`) };
}

export default async function AuthErrorPage({ searchParams }: PageQuery) {
  const query = await searchParams;
  const code = known(query.code);
  const reference = parseReference(query.ref);
  // A refused answer is a refusal to programs too. A fault of ours or the provider's is not this page's fault.
  if (errorStatus[code] < 500) answerWith(errorStatus[code]);
  if (code !== "forbidden") return <ErrorStatement code={code} reference={reference} />;
  const state = await getSessionState();
  const name = state.kind === "active" ? (state.session.user.name ?? state.session.user.email) : null;
  return <ForbiddenStatement name={name} />;
}

function known(code: unknown): ErrorCode {
  return isErrorCode(code) ? code : "internal_error";
}
