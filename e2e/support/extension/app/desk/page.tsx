import { callService, requireSession } from "@/auth";

export default async function DeskPage() {
  await requireSession({ returnTo: "/desk" });
  const { orders } = await (await callService("shopping", "/orders")).json();
  return <p>There are {orders.length} orders</p>;
}
