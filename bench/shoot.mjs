import autocannon from "autocannon";

// A process of its own for the load, so that it shares no thread with anything that is measured.
process.once("message", async ({ url, headers, seconds, warmUpSeconds, connections, amount }) => {
  let connected = 0;
  const begun = performance.now();
  let ended = 0;
  const result = await autocannon({
    url,
    connections,
    ...(amount ? { amount } : { duration: seconds, warmup: { connections, duration: warmUpSeconds } }),
    // Each connection is somebody of its own, as long as there are as many.
    setupClient: (client) => {
      client.setHeaders(headers[connected++ % headers.length]);
      // Told to ask so many times, it notices at the next full second that it is through.
      if (amount) client.on("response", () => (ended = performance.now()));
    },
  });
  if (amount) result.duration = (ended - begun) / 1000;
  process.send(result);
  process.disconnect();
});
