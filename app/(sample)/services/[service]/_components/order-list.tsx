import { useTranslations } from "next-intl";
import { type FormEvent, useActionState, useRef, useState } from "react";
import type { ErrorCode } from "@/auth";
import { buttonStyle } from "@/ui/button-style";
import { Moment } from "@/ui/moment";
import { deleteOrder } from "../actions";
import { callProxy } from "../call-proxy";
import type { Entry } from "../entry";
import type { Order, Place } from "../listing";
import { ServiceFailure } from "./service-failure";

interface OrderListProps {
  orders: Order[];
  place: Place;
  csrfToken: string;
  mayDelete: boolean;
  onDeleted: (order: Order) => void;
}

/** The newest first. */
export function OrderList({ orders, place, csrfToken, mayDelete, onDeleted }: OrderListProps) {
  const t = useTranslations("services.orders");
  const [last, dispatch] = useActionState(deleteOrder, null);
  const [code, setCode] = useState<ErrorCode | null>(null);
  const [deleting, setDeleting] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  // The answer to a form that was sent before the page was taken over, until the next is sent.
  const [past, setPast] = useState<Entry | null>(null);
  const failure = code ?? (last === past ? null : (last?.code ?? null));

  async function remove(event: FormEvent<HTMLFormElement>, order: Order): Promise<void> {
    event.preventDefault();
    if (deleting !== null) return;
    const row = event.currentTarget.closest("li");
    setDeleting(order.id);
    setCode(null);
    setPast(last);
    const answer = await callProxy(place, `/orders/${encodeURIComponent(order.id)}`, { method: "DELETE" });
    setDeleting(null);
    // Deleted by another tab: what was wanted is so.
    if (answer.kind === "failed" && answer.status !== 404) return setCode(answer.code);
    // The focus stays near where it was.
    const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector("button");
    (next ?? list.current?.closest<HTMLElement>("[role=group]"))?.focus();
    onDeleted(order);
  }

  return (
    <>
      {failure && (
        <div className="px-5 pb-5 sm:px-6">
          <ServiceFailure code={failure} place={place} onRetry={null} />
        </div>
      )}
      <ul ref={list} className="divide-y divide-line border-line border-t">
        {orders.toReversed().map((order) => (
          <li
            key={order.id}
            data-order={order.id}
            className="flex items-center justify-between gap-4 px-5 py-4 sm:px-6"
          >
            <div className="min-w-0">
              <h3 className="font-semibold text-base wrap-anywhere">
                <bdi>{order.item}</bdi>
              </h3>
              <p className="text-muted text-sm">
                {t("pieces", { count: order.quantity })} · <Moment at={new Date(order.placedAt)} />
              </p>
            </div>
            {mayDelete && (
              <form action={dispatch} onSubmit={(event) => remove(event, order)}>
                <input type="hidden" name="csrfToken" value={csrfToken} />
                <input type="hidden" name="address" value={place.address} />
                <input type="hidden" name="id" value={order.id} />
                <button
                  type="submit"
                  aria-label={t("deleteOne", { item: order.item })}
                  aria-disabled={deleting === order.id}
                  className={buttonStyle("quiet", "-mr-5")}
                >
                  {t(deleting === order.id ? "deleting" : "delete")}
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
