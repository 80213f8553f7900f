import type { Activity } from "@/server/accounts/activity";
import { IconDisc } from "@/ui/icon-disc";

const shapes = {
  in: "M13.5 4.25h3.75a2 2 0 0 1 2 2v11.5a2 2 0 0 1-2 2H13.5M4.75 12h9M10.5 8.5 14 12l-3.5 3.5",
  out: "M10.5 4.25H6.75a2 2 0 0 0-2 2v11.5a2 2 0 0 0 2 2h3.75M10 12h9.25M15.75 8.5l3.5 3.5-3.5 3.5",
  service: "M9.75 14.25l4.5-4.5M8.25 11.25l-2 2a3.2 3.2 0 0 0 4.5 4.5l2-2M15.75 12.75l2-2a3.2 3.2 0 0 0-4.5-4.5l-2 2",
  access: "M9 18.25a4.25 4.25 0 1 1 3.6-6.5l7.15-.001v3h-2.5v2.5h-3l-.95-1.5A4.25 4.25 0 0 1 9 18.25zM8.5 14h.1",
  warning:
    "M12 8.75v4.5M12 16.25v.1M10.6 4.6 3.4 17.3a1.6 1.6 0 0 0 1.4 2.45h14.4a1.6 1.6 0 0 0 1.4-2.45L13.4 4.6a1.6 1.6 0 0 0-2.8 0z",
  account: "M12 11.75a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5zM5 19.75a7 7 0 0 1 14 0",
};

/** What kind of thing happened. Decorative: the sentence beside it says it. */
export function ActivityIcon({ activity }: { activity: Activity }) {
  return <IconDisc shape={shapes[kindOf(activity)]} />;
}

function kindOf({ event, isFailure }: Activity): keyof typeof shapes {
  if (isFailure || event === "session.new_device" || event.startsWith("security.")) return "warning";
  if (event.startsWith("sign_in.")) return "in";
  if (/^(?:sign_out|session\.(?:expired|revoked))/.test(event)) return "out";
  if (event.startsWith("service.")) return "service";
  return event.startsWith("token.") ? "access" : "account";
}
