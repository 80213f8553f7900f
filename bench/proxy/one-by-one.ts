import http from "node:http";

export interface Endpoint {
  label: string;
  url: string;
  headers: Record<string, string>;
}

/** Asks each route in turn, one request after the other, and answers with the milliseconds that each took, route by route. */
export async function askOneByOne(endpoints: readonly Endpoint[], warmUps: number, times: number): Promise<number[][]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const took: number[][] = endpoints.map(() => []);
  try {
    for (let run = -warmUps; run < times; run += 1) {
      for (const [at, endpoint] of endpoints.entries()) {
        const begun = performance.now();
        await ask(endpoint, agent);
        if (run >= 0) took[at]?.push(performance.now() - begun);
      }
    }
  } finally {
    agent.destroy();
  }
  return took;
}

/** @returns the body */
export function ask({ url, headers }: Omit<Endpoint, "label">, agent?: http.Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, ...(agent && { agent }) }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url}: ${response.statusCode} ${body.slice(0, 200)}`));
      });
    });
    request.once("error", reject);
  });
}
