import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { findFreePort } from "../../dev/process/ports";

export interface ReceivedMessage {
  /** `webhook-id` */
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** What the published library made of it, which has verified it. */
  payload: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** How it answers: with 200, an error, a redirect, never, or with a body without end. */
export type Behaviour = "ok" | "error" | "redirect" | "hang" | "endless" | "endless error";

export interface WebhookReceiver {
  url: string;
  secret: string;
  received: ReceivedMessage[];
  behave(how: Behaviour): void;
  /** Nobody listens any more, until `back`. */
  leave(): Promise<void>;
  back(): Promise<void>;
  /** How many answers without end are still being read. */
  endlessAnswers(): number;
  close(): Promise<void>;
}

/** A receiver of webhooks on loopback, which refuses what the published library does not verify. */
export async function openWebhookReceiver(): Promise<WebhookReceiver> {
  const port = await findFreePort();
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
  const webhook = new Webhook(key);
  const received: ReceivedMessage[] = [];
  let behaviour: Behaviour = "ok";
  let endless = 0;
  const pour = (response: ServerResponse) => {
    endless += 1;
    response.once("close", () => {
      endless -= 1;
    });
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536))) {}
    };
    response.on("drain", more).on("error", () => {});
    more();
  };
  const answer = (response: ServerResponse) => {
    switch (behaviour) {
      case "hang":
        return;
      case "redirect":
        return response.writeHead(307, { Location: `http://localhost:${port}/elsewhere` }).end();
      case "endless":
      case "endless error":
        response.writeHead(behaviour === "endless" ? 200 : 500);
        return pour(response);
      default:
        return response.writeHead(behaviour === "ok" ? 200 : 500).end();
    }
  };
  const listen = () => {
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      const headers = request.headers as Record<string, string>;
      if (request.url !== "/hook") return response.writeHead(418).end();
      const payload = webhook.verify(body, headers) as ReceivedMessage["payload"];
      received.push({ id: headers["webhook-id"] ?? "", headers, body, payload });
      answer(response);
    });
    return new Promise<Server>((resolve) => server.listen(port, "localhost", () => resolve(server)));
  };
  let server: Server | null = await listen();
  const leave = async () => {
    const leaving = server;
    server = null;
    leaving?.closeAllConnections();
    await new Promise((resolve) => (leaving ? leaving.close(resolve) : resolve(null)));
  };
  return {
    url: `http://localhost:${port}/hook`,
    secret: `whsec_${key}`,
    received,
    behave: (how) => {
      behaviour = how;
    },
    leave,
    back: async () => {
      server ??= await listen();
    },
    endlessAnswers: () => endless,
    close: leave,
  };
}
