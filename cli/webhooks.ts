import { loadCommandEnv } from "../prisma/load-env-files";
import { runCommand } from "./run-command";

// `npm run webhooks -- list [state]` and `npm run webhooks -- replay <id…|failed|delivered>`: what the webhook was told, and not yet.
loadCommandEnv();
const { silenceLog } = await import("../server/http/log");
const { countMessages, isQueueState, listMessages, replayMessages } = await import("../server/webhooks/queue");
const { deliverDue } = await import("../server/webhooks/deliver");
const { env } = await import("../server/settings/env");
silenceLog();

const usage = `Usage: npm run webhooks -- list [waiting|failed|delivered] [--json]
       npm run webhooks -- replay <msg_… …|failed|delivered>`;
const mostListed = 100;
const sendMs = 10 * 60_000;

const asJson = process.argv.includes("--json");
const [act, ...words] = process.argv.slice(2).filter((word) => word !== "--json");

async function list([state = "waiting", ...rest]: readonly string[]): Promise<void> {
  if (!isQueueState(state) || rest.length > 0) throw new Error(usage);
  const counts = await countMessages();
  const messages = (await listMessages(state, mostListed)).map((message) => ({ ...message, id: `msg_${message.id}` }));
  if (asJson) return console.log(JSON.stringify({ counts, messages }, null, 2));
  console.log(`Waiting: ${counts.waiting}. Failed: ${counts.failed}. Delivered, and still kept: ${counts.delivered}.`);
  for (const { id, event, at, attempts, nextAttemptAt, lastFailure } of messages)
    console.log(
      [
        id,
        event,
        at.toISOString(),
        `attempts ${attempts}`,
        nextAttemptAt && `next ${nextAttemptAt.toISOString()}`,
        lastFailure,
      ]
        .filter(Boolean)
        .join("  "),
    );
}

async function replay(): Promise<void> {
  const [state = ""] = words;
  const ids = words.map((word) => /^msg_([0-9a-f-]{36})$/.exec(word)?.[1] ?? "");
  const isState = words.length === 1 && (state === "failed" || state === "delivered");
  if (!isState && (words.length === 0 || ids.includes(""))) throw new Error(usage);
  if (!env().webhook) throw new Error("WEBHOOK_URL is not set: there is nowhere to send to.");
  const count = await replayMessages(isState ? state : ids);
  const { delivered, failed, isAway } = await deliverDue(Date.now() + sendMs);
  const away = isAway ? " The receiver is away: what waits is sent by the app, or by the next clean-up." : "";
  console.log(`To be sent again: ${count}. Sent now: ${delivered}. Failed: ${failed}.${away}`);
  process.exitCode = failed > 0 || (!isState && count < ids.length) ? 1 : 0;
}

await runCommand(async () => {
  if (act === "list") await list(words);
  else if (act === "replay") await replay();
  else throw new Error(usage);
});
