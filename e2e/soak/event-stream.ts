import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Page } from "../support/http-browser";
import type { History, Stream } from "./history";

/** Events of a service that a page of ours listens to. */
export interface EventStream {
  /** The head of the answer; with the body where it is no stream. Throws where none comes. */
  opened: Promise<Page>;
  /** Hangs up. */
  close(): void;
}

/** What a script of our own page sends. */
export const ownCall = { "X-CSRF": "1", "Sec-Fetch-Site": "same-origin" };

interface Listening extends Pick<Stream, "session" | "instance"> {
  /** Of the instance. */
  base: string;
  /** Of the app. */
  host: string;
  cookie: string;
  trace: string;
}

/** Opens a stream of events through the proxy, and writes down how long it went on and who ended it. */
export function openEvents(history: History, { base, host, cookie, trace, session, instance }: Listening): EventStream {
  const url = new URL("/api/services/shopping/events?everyMs=250", base);
  const accept = { Accept: "text/event-stream", "Sec-Fetch-Mode": "cors", "X-Trace": trace, ...ownCall };
  const sent = httpRequest(url, { headers: { Host: host, Cookie: cookie, ...accept }, agent: false });
  const stream: Stream = { session, instance, begin: Date.now(), lastEvent: Date.now(), end: null, endedBy: null };
  const opened = new Promise<Page>((resolve, reject) => {
    sent.on("error", reject);
    sent.once("close", () => reject(new Error("The connection was cut.")));
    sent.once("response", (answer: IncomingMessage) => {
      const headers = new Headers({ "content-type": answer.headers["content-type"] ?? "" });
      const retryAfter = answer.headers["retry-after"];
      if (retryAfter !== undefined) headers.set("retry-after", retryAfter);
      const page = { status: answer.statusCode ?? 0, url: url.href, headers, location: null };
      let body = "";
      answer.setEncoding("utf8");
      answer.on("error", () => {});
      answer.on("data", (text: string) => {
        stream.lastEvent = Date.now();
        if (page.status !== 200) body += text;
      });
      answer.once("close", () => {
        stream.end = Date.now();
        stream.endedBy ??= "app";
        resolve({ ...page, body });
      });
      if (page.status !== 200) return;
      history.streams.push(stream);
      resolve({ ...page, body: "" });
    });
  });
  sent.end();
  return {
    opened,
    close: () => {
      stream.endedBy ??= "user";
      sent.destroy();
    },
  };
}
