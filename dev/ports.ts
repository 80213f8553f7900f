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

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
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
