import { z } from "zod";

/*
 * What `contentSecurityPolicy` of `daemun.config.ts` may add. Nothing that undoes the policy: no scheme or star that stands
 * for any host, nothing that lets injected script or style run. Source: CSP Level 3, section 2.3.1.
 */

const host = /^(?:https|wss):\/\/(?:\*\.)?(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?(?:\/[\w.~/-]*)?$/;
const loopback = /^(?:http|ws):\/\/(?:localhost|127\.0\.0\.1):\d+$/;
const hash = /^'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'$/;

const hosts = (source: string) => host.test(source) || loopback.test(source);
const localData = (source: string) => source === "data:" || source === "blob:";

function sources(isTaken: (source: string) => boolean, message: string) {
  return z.array(z.string().max(200).refine(isTaken, message)).max(20).exactOptional();
}

const a = "must be an origin such as https://cdn.example, or https://*.cdn.example";

export const contentSecurityPolicySchema = z
  .strictObject({
    "connect-src": sources((source) => hosts(source) || source === "blob:", `${a}, or blob:`),
    "font-src": sources((source) => hosts(source) || localData(source), `${a}, or data:, or blob:`),
    "frame-src": sources(hosts, a),
    "img-src": sources((source) => hosts(source) || localData(source), `${a}, or data:, or blob:`),
    "manifest-src": sources(hosts, a),
    "media-src": sources((source) => hosts(source) || localData(source), `${a}, or data:, or blob:`),
    // Hosts would do nothing here: 'strict-dynamic' has browsers heed nonces and hashes alone.
    "script-src": sources(
      (source) => hash.test(source) || source === "'wasm-unsafe-eval'",
      "must be a hash such as 'sha256-…', or 'wasm-unsafe-eval'",
    ),
    "style-src": sources((source) => hosts(source) || hash.test(source), `${a}, or a hash such as 'sha256-…'`),
    "worker-src": sources((source) => hosts(source) || source === "blob:", `${a}, or blob:`),
    /** Where browsers report what was blocked: an https address, or a path of this app that takes reports of strangers. */
    reportTo: z
      .string()
      .max(120)
      .regex(/^(?:https:\/\/[a-z0-9.-]+(?::\d+)?)?\/[\w.~/?=&%-]*$/, "must be an https address, or a path of this app")
      .exactOptional(),
  })
  // All of it goes out with every page, and a proxy's buffer for headers is small.
  .refine((policy) => JSON.stringify(policy).length <= 700, "must not be longer than 700 characters");
