import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** A port and the variable that changes it. */
export interface NamedPort {
  variable: string;
  port: number;
  purpose: string;
}

/** Whether nothing listens on `port` of this machine's loopback addresses. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "::1"]) if (!(await canListen(port, host))) return false;
  return true;
}

// Systems give outgoing connections a port from 32768 on. One that is found there may be in use a moment later.
const [lowest, highest] = [15_000, 32_000];

/**
 * A port that is free, and stays so unless somebody asks for that very one: taken at random, for those who look for one
 * at the same time.
 *
 * @throws Error when a hundred tries find none
 */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(lowest, highest);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No port from ${lowest} to ${highest} is free.`);
}

/**
 * Reads a port from the environment.
 *
 * @throws Error naming the variable when it is no port
 */
export function readPort(variable: string, purpose: string, fallback: number): NamedPort {
  const text = process.env[variable];
  const port = text ? Number(text) : fallback;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${variable} must be a port, a whole number from 1 to 65535.`);
  }
  return { variable, port, purpose };
}

/** What is wrong with these ports, one sentence each: taken, or the same twice. */
export async function findPortFaults(ports: readonly NamedPort[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [index, { variable, port, purpose }] of ports.entries()) {
    const twin = ports.slice(0, index).find((other) => other.port === port);
    if (twin) faults.push(`${variable} and ${twin.variable} are both ${port}. Set ${variable} to another port.`);
    else if (!(await isPortFree(port))) {
      faults.push(`Port ${port} (${purpose}) is taken. Stop what uses it, or set ${variable} to another port.`);
    }
  }
  return faults;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A machine without IPv6 has no such address to be taken.
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT"),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
