import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { appEnvironment } from "@/dev/app-environment";
import type { Secrets } from "@/dev/secrets";
import type { Outcome, Task } from "./app";

const script = fileURLToPath(new URL("app.ts", import.meta.url));

/** An instance of the app in a process of its own. */
export interface Instance {
  carryOut(task: Task): Promise<Exclude<Outcome, { fault: string }>>;
  end(): Promise<void>;
}

export function startInstance(databaseUrl: string, secrets: Secrets): Instance {
  const issuer = "https://company.example";
  const provider = { id: "company", name: "Company", issuer, clientId: "bench", clientSecret: secrets.clientSecret };
  const child = fork(script, {
    // Without the condition `server-only` refuses to be imported.
    execArgv: ["--conditions=react-server", "--import", "tsx"],
    env: {
      ...process.env,
      ...appEnvironment({ port: 3000, databaseUrl, secrets, providers: [provider] }),
      NODE_ENV: "production",
    },
    serialization: "advanced",
    // It logs every session that it ends.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exit = once(child, "exit");
  return {
    async carryOut(task) {
      child.send(task);
      const gone = exit.then(([code]) => {
        throw new Error(`The app's process ended (${code}).`);
      });
      const [outcome] = (await Promise.race([once(child, "message"), gone])) as [Outcome];
      if ("fault" in outcome) throw new Error(`${task.operation}: ${outcome.fault}`);
      return outcome;
    },
    async end() {
      if (child.connected) child.disconnect();
      await exit;
    },
  };
}
