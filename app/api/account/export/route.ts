import { sendExport } from "@/server/accounts/export-form";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("export", sendExport);
