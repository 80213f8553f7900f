import "server-only";
import { confirmFirst } from "../auth/linking/recent-sign-in";
import { databaseFailureCode } from "../db/unavailable";
import { failedReply } from "../http/error-reply";
import { describeError, log } from "../http/log";
import { readSessionForm } from "../sessions/guards/guarded-form";
import { exportUser } from "./export-user";

/**
 * `POST /api/account/export`: everything that rows say of the user, as a file. Streamed; where it breaks off in the middle
 * the connection does too, so that nobody takes half of it for the whole. Where the provider's grant ended before a remembered
 * session, nobody knows who is there: a recent sign-in comes first, and leads back to the page.
 */
export async function sendExport(request: Request): Promise<Response> {
  const sent = await readSessionForm(request);
  if (sent instanceof Response) return sent;
  const { user, hash, confirmation } = sent.session;
  const refused = confirmation !== null && (await confirmFirst(request, sent.session, "/account/data#export"));
  if (refused) return refused;
  try {
    const pieces = await exportUser(user.id, { actor: { kind: "self", sessionHash: hash } });
    if (!pieces) return failedReply(request, "session_revoked");
    const day = new Date().toISOString().slice(0, 10);
    return new Response(streamOf(pieces), {
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": `attachment; filename="account-${day}.json"`,
        "Cache-Control": "private, no-store",
      },
    });
  } catch (error) {
    log.error("account.not_exported", { cause: describeError(error) });
    return failedReply(request, databaseFailureCode(error));
  }
}

/** As fast as it is read: nothing is asked of the database before. */
function streamOf(pieces: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        } catch (error) {
          log.error("account.export_broken_off", { cause: describeError(error) });
          controller.error(error);
        }
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
