import "server-only";

// nginx reads the head of an answer into one buffer of 4 KB, unless it is told otherwise. The rest is for what is added on
// the way: the security headers, the request's id, the date.
const longestHead = 2_700;

/**
 * A redirect whose head a proxy might not take becomes a page that leads to the same address by itself, without script.
 * Cookies stay where they are. Anything else is answered as it is.
 */
export function withShortHead(response: Response): Response {
  const location = response.headers.get("location");
  if (location === null || headBytes(response.headers) <= longestHead) return response;
  const address = location.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Continue</title><meta http-equiv="refresh" content="0; url=${address}"><p><a href="${address}" data-continue>Continue</a></p></html>`;
  const headers = new Headers(response.headers);
  headers.delete("location");
  headers.set("Content-Type", "text/html; charset=utf-8");
  return new Response(page, { status: 200, headers });
}

function headBytes(headers: Headers): number {
  return [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}
