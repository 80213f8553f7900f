import { fork } from "node:child_process";
import { once } from "node:events";
import { appEnvironment } from "@/dev/run/app-environment";
import type { Secrets } from "@/dev/run/secrets";
import type { Answer, Request, Requests } from "./serve";

/** An instance of the app in a process of its own. */
export interface Instance<R extends Requests> {
  ask<Name extends keyof R & string>(name: Name, input: Parameters<R[Name]>[0]): Promise<Awaited<ReturnType<R[Name]>>>;
  end(): Promise<void>;
}

export interface InstanceOptions {
  /** A module that serves these requests. */
  script: URL;
  databaseUrl: string;
  secrets: Secrets;
  /** Its only provider's. */
  issuer?: string;
}

export const clientId = "bench";

export function startInstance<R extends Requests>(options: InstanceOptions): Instance<R> {
  const { script, databaseUrl, secrets, issuer = "https://company.example" } = options;
  const provider = { id: "company", name: "Company", issuer, clientId, clientSecret: secrets.clientSecret };
  const child = fork(script, {
    // Without the condition `server-only` refuses to be imported.
    execArgv: ["--conditions=react-server", "--import", "tsx"],
    env: {
      ...process.env,
      ...appEnvironment({ port: 3000, databaseUrl, secrets, providers: [provider] }),
      RATE_LIMIT_PER_MINUTE: "1000000",
      NODE_ENV: "production",
    },
    serialization: "advanced",
    // It logs every session that it ends.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exit = once(child, "exit");
  return {
    async ask(name, input) {
      if (!child.connected) throw new Error("The app's process was ended.");
      child.send({ name, input } satisfies Request);
      const gone = exit.then(([code]) => {
        throw new Error(`The app's process ended (${code}).`);
      });
      const [answer] = (await Promise.race([once(child, "message"), gone])) as [Answer];
      if ("fault" in answer) throw new Error(`${name} ${JSON.stringify(input)}: ${answer.fault}`);
      return answer.output as never;
    },
    async end() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}
