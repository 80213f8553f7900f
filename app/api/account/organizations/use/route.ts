import { chooseOrganizationForm } from "@/server/sessions/guards/choose-organization";
import { limited } from "@/server/sessions/guards/limited";

export const POST = limited("tokens", chooseOrganizationForm);
