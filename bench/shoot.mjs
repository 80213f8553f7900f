import autocannon from "autocannon";

// A process of its own for the load, so that it shares no thread with anything that is measured.
process.once("message", async ({ url, headers, seconds, warmUpSeconds, connections, amount }) => {
  let connected = 0;
  const result = await autocannon({
    url,
    connections,
    ...(amount ? { amount } : { duration: seconds, warmup: { connections, duration: warmUpSeconds } }),
    // Each connection is somebody of its own, as long as there are as many.
    setupClient: (client) => client.setHeaders(headers[connected++ % headers.length]),
  });
  process.send(result);
  process.disconnect();
});
