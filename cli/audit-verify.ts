import { parseArgs } from "node:util";
import { loadCommandEnv } from "../prisma/load-env-files";
import { withConnection } from "../prisma/locked-transaction";

// `npm run audit:verify`: holds the audit trail against its chain. Ends with 1 where something does not fit.
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, anchor: { type: "string", multiple: true, default: [] } },
});
loadCommandEnv();
const { env } = await import("../server/settings/env");
const { faultTexts } = await import("../server/audit/faults");
const { verifyAudit } = await import("../server/audit/verify");
const { readDatabaseAddress } = await import("../prisma/database-address");
const { escapeIdentifier } = (await import("pg")).default;
try {
  const { databaseUrl } = env();
  const verification = await withConnection(databaseUrl, async (client) => {
    const ask = async <Row extends object>(sql: string, values: unknown[] = []) =>
      (await client.query<Row>(sql, values)).rows;
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0");
    const schema = readDatabaseAddress(databaseUrl).schema ?? "public";
    await client.query("SELECT set_config('search_path', $1, true)", [escapeIdentifier(schema)]);
    return verifyAudit(ask, values.anchor);
  });
  const { faults, sealed, erased, before, waiting, cut, head } = verification;
  process.exitCode = faults.length > 0 ? 1 : 0;
  if (values.json) console.log(JSON.stringify({ ok: faults.length === 0, ...verification }, null, 2));
  else {
    for (const { kind, month, seal, id } of faults.slice(0, 10)) {
      const place = [id && `Row ${id}`, seal !== null && `${id ? "seal" : "Seal"} ${month}/${seal}`]
        .filter(Boolean)
        .join(", ");
      console.log(`${place || `Row of ${month}`} ${faultTexts[kind]}`);
    }
    if (faults.length > 10) console.log(`And ${faults.length - 10} more.`);
    console.log(`In the chain and as they were: ${sealed} rows, ${erased} of them erased with their users.`);
    console.log(`Not in it: ${before} of before the chain, ${waiting} not sealed yet.`);
    for (const { month, closing } of cut) console.log(`Cut by retention: ${month}, which closed with ${closing}.`);
    if (head) console.log(`Newest seal: ${head}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
