"use client";

import { useTranslations } from "next-intl";
import { EmptyPlace } from "@/ui/empty-place";
import { SectionCard } from "@/ui/section-card";
import { stockItem } from "../actions";
import { callProxy } from "../call-proxy";
import { type Listing, type Place, parseStock, type Stock } from "../listing";
import { useAnnouncement } from "../use-announcement";
import { useListing } from "../use-listing";
import { EntryForm } from "./entry-form";
import { Field } from "./field";
import { ListCard } from "./list-card";
import { StockTable } from "./stock-table";

interface InventoryProps {
  place: Place;
  organizationName: string;
  csrfToken: string;
  initial: Listing<Stock>;
  mayStock: boolean;
}

/** What an organization has in stock. */
export function Inventory({ place, organizationName, csrfToken, initial, mayStock }: InventoryProps) {
  const t = useTranslations("services.inventory");
  const { announcement, say } = useAnnouncement();
  const inventory = useListing({ place, path: "/inventory", list: "items", parse: parseStock, initial });

  function stocked(body: unknown): void {
    const stock = parseStock(body);
    if (stock === null) return void inventory.load();
    inventory.change((items) =>
      items.some(({ item }) => item === stock.item)
        ? items.map((known) => (known.item === stock.item ? stock : known))
        : [...items, stock],
    );
    say(t("stocked", { item: stock.item }));
  }

  return (
    <>
      {announcement}
      <ListCard
        {...inventory}
        place={place}
        heading={t("heading", { organization: organizationName })}
        {...(!mayStock && inventory.listing.kind === "list" && { lead: t("readOnly") })}
      >
        {(items) =>
          items.length > 0 ? (
            <StockTable items={items} />
          ) : (
            <div className="px-5 pb-5 sm:px-6 sm:pb-6">
              <EmptyPlace title={t("none.title")} body={t(mayStock ? "none.body" : "none.bodyReadOnly")} />
            </div>
          )
        }
      </ListCard>
      {mayStock && (
        <SectionCard id="stock" heading={t("stockHeading")}>
          <EntryForm
            place={place}
            csrfToken={csrfToken}
            action={stockItem}
            send={({ item, quantity }) =>
              callProxy(place, "/inventory", { method: "POST", body: { item, quantity: Number(quantity) } })
            }
            onSent={stocked}
            label={t("stock")}
            pendingLabel={t("stocking")}
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
                  min={0}
                  max={1_000_000}
                  defaultValue={values.quantity}
                  className="sm:w-36"
                />
              </>
            )}
          </EntryForm>
        </SectionCard>
      )}
    </>
  );
}
