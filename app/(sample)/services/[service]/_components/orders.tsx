"use client";

import { useTranslations } from "next-intl";
import { EmptyPlace } from "@/ui/empty-place";
import { SectionCard } from "@/ui/section-card";
import { placeOrder } from "../actions";
import { callProxy } from "../call-proxy";
import { type Listing, type Order, type Place, parseOrder } from "../listing";
import { useAnnouncement } from "../use-announcement";
import { useListing } from "../use-listing";
import { EntryForm } from "./entry-form";
import { Field } from "./field";
import { ListCard } from "./list-card";
import { OrderList } from "./order-list";

interface OrdersProps {
  place: Place;
  csrfToken: string;
  initial: Listing<Order>;
  mayWrite: boolean;
}

/** Somebody's orders. Placing and deleting go through the proxy; without a script, through the server's actions. */
export function Orders({ place, csrfToken, initial, mayWrite }: OrdersProps) {
  const t = useTranslations("services.orders");
  const { announcement, say } = useAnnouncement();
  const orders = useListing({ place, path: "/orders", list: "orders", parse: parseOrder, initial });
  const { listing, change } = orders;

  function added(body: unknown): void {
    const order = parseOrder(body);
    if (order === null) return void orders.load();
    change((items) => [...items, order]);
    say(t("placed", { item: order.item }));
  }

  function deleted(order: Order): void {
    change((items) => items.filter(({ id }) => id !== order.id));
    say(t("deleted", { item: order.item }));
  }

  return (
    <>
      {announcement}
      {mayWrite && (
        <SectionCard id="place" heading={t("placeHeading")}>
          <EntryForm
            place={place}
            csrfToken={csrfToken}
            action={placeOrder}
            send={({ item, quantity }) =>
              callProxy(place, "/orders", { method: "POST", body: { item, quantity: Number(quantity) } })
            }
            onSent={added}
            label={t("place")}
            pendingLabel={t("placing")}
          >
            {(values) => (
              <>
                <Field
                  label={t("item")}
                  name="item"
                  maxLength={100}
                  autoComplete="off"
                  defaultValue={values.item}
                  className="min-w-0 grow"
                />
                <Field
                  label={t("quantity")}
                  name="quantity"
                  type="number"
                  inputMode="numeric"
                  min={1}
                  max={999}
                  defaultValue={values.quantity ?? 1}
                  className="sm:w-28"
                />
              </>
            )}
          </EntryForm>
        </SectionCard>
      )}
      <ListCard
        {...orders}
        place={place}
        heading={listing.kind === "list" ? t("heading", { count: listing.items.length }) : t("headingUnknown")}
        {...(!mayWrite && listing.kind === "list" && { lead: t("readOnly") })}
      >
        {(items) =>
          items.length > 0 ? (
            <OrderList orders={items} place={place} csrfToken={csrfToken} mayDelete={mayWrite} onDeleted={deleted} />
          ) : (
            <div className="px-5 pb-5 sm:px-6 sm:pb-6">
              <EmptyPlace title={t("none.title")} body={t(mayWrite ? "none.body" : "none.bodyReadOnly")} />
            </div>
          )
        }
      </ListCard>
    </>
  );
}
