import { refreshTokenGrant } from "openid-client";
import { pool } from "@/bench/baselines/thin/database";
import { provider } from "@/bench/baselines/thin/provider";
import { readSession } from "@/bench/baselines/thin/session";

interface Row {
  access_token: string;
  refresh_token: string | null;
  access_token_expires: Date;
}

/** The token as it stands in the session's row. One that has run out is refreshed by whoever sees it, with no lock. */
export async function GET(): Promise<Response> {
  const { id } = await readSession();
  if (!id) return Response.json({ error: "not_authenticated" }, { status: 401 });
  const { rows } = await pool.query<Row>(
    "SELECT access_token, refresh_token, access_token_expires FROM sessions WHERE id = $1 AND expires > now()",
    [id],
  );
  const [row] = rows;
  if (!row) return Response.json({ error: "session_expired" }, { status: 401 });
  const usable = row.access_token_expires.getTime() > Date.now() + 30_000 ? row : await refreshed(id, row);
  return Response.json({ expiresAt: usable.access_token_expires, length: usable.access_token.length });
}

async function refreshed(id: string, row: Row): Promise<Row> {
  const tokens = await refreshTokenGrant(await provider(), row.refresh_token ?? "");
  const { rows } = await pool.query<Row>(
    `UPDATE sessions SET access_token = $2, refresh_token = coalesce($3, refresh_token),
       access_token_expires = now() + make_interval(secs => $4) WHERE id = $1
     RETURNING access_token, refresh_token, access_token_expires`,
    [id, tokens.access_token, tokens.refresh_token ?? null, tokens.expiresIn() ?? 0],
  );
  return rows[0] ?? row;
}
