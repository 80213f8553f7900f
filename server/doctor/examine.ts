import "server-only";
import { withDeadline } from "../oidc/outbound";
import { env } from "../settings/env";
import { examineDatabase } from "./database";
import { examineSettings, examineStart } from "./environment";
import { checkIds, type Finding, type Verdict } from "./findings";
import { examineProvider } from "./providers";
import { examineArrival, examineCookie } from "./requests";
import { examineServices } from "./services";
import { examineTokenStorage } from "./token-storage";
import { examineLimits } from "./upkeep";
import { examineWebhooks } from "./webhooks";

// All that one provider is asked, one after the other: a page that is waited for.
const mostMs = 9_000;

/** All that was found, in the order of the checks. */
export interface Report {
  at: Date;
  /** The worst of all. */
  verdict: Verdict;
  /** Whether environment or configuration keep the app from starting: nothing else was looked at then. */
  stopsStart: boolean;
  findings: readonly Finding[];
}

export interface ExamineOptions {
  /** Those of the request that asks, where there is one. */
  headers?: Headers;
  /** `DIRECT_URL`, or null where it is not set; undefined where the caller does not know. */
  directUrl?: string | null;
}

/**
 * Looks at everything that can be wrong with this installation. It only reads, every request out of here is bounded, and
 * nothing that it says is a secret.
 */
export async function examine({ headers, directUrl }: ExamineOptions = {}): Promise<Report> {
  const atStart = examineStart();
  if (atStart.length > 0) return reportOf(atStart, { stopsStart: true });
  const { providers, authUrl } = env();
  const parts = await Promise.all([
    examineSettings(),
    examineDatabase(directUrl),
    ...providers.map((provider) =>
      withDeadline(mostMs, () =>
        examineProvider(provider, { redirectUri: `${authUrl}/api/auth/callback/${provider.id}` }),
      ),
    ),
    withDeadline(mostMs, examineServices),
    headers ? examineArrival(headers) : [],
    examineCookie(),
    examineLimits(),
    examineTokenStorage(),
    examineWebhooks(),
  ]);
  return reportOf(parts.flat(), { stopsStart: false });
}

function reportOf(all: readonly Finding[], { stopsStart }: { stopsStart: boolean }): Report {
  const findings = [...all].sort((a, b) => checkIds.indexOf(a.check) - checkIds.indexOf(b.check));
  const worst = (["fault", "warning"] as const).find((verdict) =>
    findings.some((finding) => finding.verdict === verdict),
  );
  return { at: new Date(), verdict: worst ?? "ok", stopsStart, findings };
}
