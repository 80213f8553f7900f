import { expect, it } from "vitest";
import { provideEnv } from "../settings/env";
import { answerSigningKeys } from "./answer-keys";

const ask = (method = "GET") => answerSigningKeys(new Request("https://app.example/.well-known/jwks.json", { method }));
// Nobody listens there: whoever asked the database would hear of it.
const databaseUrl = "postgresql://nobody@127.0.0.1:9/nothing";

it("where no service needs a key the key set is not there, and no database is asked for it", async () => {
  for (const kind of ["none", "resource", "exchange"]) {
    provideEnv({ databaseUrl, services: [{ id: "notes", authentication: { kind } }] as never });
    expect([(await ask()).status, (await ask("HEAD")).status, (await ask("POST")).status]).toEqual([404, 404, 405]);
  }
});

it("while the database is away, whoever asks for the keys is told to come again, and keeps nothing", async () => {
  const services = [{ id: "notes", authentication: { kind: "assertion", audience: "https://notes.example" } }] as never;
  provideEnv({ databaseUrl, services });
  const answer = await ask();
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([503, "private, no-store"]);
  expect(answer.headers.get("retry-after")).toBe("5");
});
