import { pool } from "@/bench/baselines/thin/database";
import { readSession } from "@/bench/baselines/thin/session";

/** By the session's row, in one statement: a session that was ended is refused at once. */
export async function GET(): Promise<Response> {
  const { id } = await readSession();
  if (!id) return Response.json({ error: "not_authenticated" }, { status: 401 });
  const { rows } = await pool.query<{ name: string | null }>(
    "SELECT name FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = $1 AND expires > now()",
    [id],
  );
  const [user] = rows;
  if (!user) return Response.json({ error: "session_expired" }, { status: 401 });
  return Response.json({ name: user.name });
}
