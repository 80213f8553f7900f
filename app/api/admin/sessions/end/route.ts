import { endSessionAsAdmin } from "@/server/administration/user-acts";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("account", endSessionAsAdmin);
