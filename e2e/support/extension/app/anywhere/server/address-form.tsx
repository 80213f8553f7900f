"use client";

import { useActionState } from "react";
import { addressOf } from "../actions";

export function AddressForm() {
  const [address, ask] = useActionState(addressOf, "");
  return (
    <form action={ask} data-form="address">
      <input type="hidden" name="to" value="/anywhere" />
      <button type="submit">Where to</button>
      <output>{address}</output>
    </form>
  );
}
