import type { Metadata } from "next";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { type ErrorCode, errorStatus, isErrorCode } from "@/edge/error-codes";
import { parseReturnPath } from "@/edge/return-path";
import { answerWith } from "@/server/http/request-context";
import { getCurrentSession } from "@/server/sessions/guards/current-session";
import { auditDenial } from "@/server/sessions/guards/denial";
import { cookieToPass } from "@/server/sessions/guards/roles-now";
import { env } from "@/server/settings/env";
import { parseReference } from "@/ui/reference";
import { ForbiddenStatement } from "../../_components/statements";
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
  // Next writes a page's address into the page. What is not ours in it goes no further than this line.
  const clean = new URLSearchParams({ code, ...(reference && { ref: reference }) });
  if (Object.entries(query).some(([name, value]) => clean.get(name) !== value)) redirect(`/auth-error?${clean}`);
  const session = code === "forbidden" ? await getCurrentSession() : null;
  const asked = (await headers()).has("x-daemun-denied") ? ((await headers()).get("x-daemun-path") ?? "") : null;
  if (session && asked !== null) {
    const jar = new Map((await cookies()).getAll().map(({ name, value }) => [name, value]));
    const hasRoleNow = parseReturnPath(asked) === asked && (await cookieToPass(session, jar, asked)) !== null;
    // A page cannot set a cookie.
    if (hasRoleNow) redirect(`/api/session/roles?${new URLSearchParams({ returnTo: asked })}`);
    await auditDenial(session, asked);
  }
  // A refused answer is a refusal to programs too. A fault of ours or the provider's is not this page's fault.
  if (errorStatus[code] < 500) answerWith(errorStatus[code]);
  if (code !== "forbidden") return <ErrorStatement code={code} reference={reference} address={env().authUrl} />;
  return <ForbiddenStatement page={asked} />;
}

function known(code: unknown): ErrorCode {
  return isErrorCode(code) ? code : "internal_error";
}
