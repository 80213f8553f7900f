import { callService } from "@/server/services/call-service";
import { requireSession } from "@/server/sessions/require-session";

export default async function DeskPage() {
  await requireSession({ returnTo: "/desk" });
  const { orders } = await (await callService("shopping", "/orders")).json();
  return <p>There are {orders.length} orders</p>;
}
