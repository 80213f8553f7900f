import { loadEnvFiles } from "../prisma/load-env-files";

// `npm run doctor [-- --json]`: everything that can be wrong with this installation, and how to mend it. Ends with 1 for a fault.
loadEnvFiles();
// What `npm start` would see.
Object.assign(process.env, { NODE_ENV: process.env.NODE_ENV || "production" });
const { examine } = await import("../server/doctor/examine");
const { reportJson, reportText } = await import("../server/doctor/report");
const { silenceLog } = await import("../server/http/log");
const { db } = await import("../server/db/client");
silenceLog();
const report = await examine({ directUrl: process.env.DIRECT_URL || null });
console.log(process.argv.includes("--json") ? JSON.stringify(reportJson(report), null, 2) : reportText(report));
process.exitCode = report.verdict === "fault" ? 1 : 0;
if (!report.stopsStart) await db.$disconnect();
