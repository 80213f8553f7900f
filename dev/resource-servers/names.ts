/** What the scopes for reading and for writing are called. */
export interface ServiceScopes {
  read: string;
  write: string;
}

interface ResourceNames {
  /** As in `services` of the configuration. */
  id: string;
  /** The resource indicator that its tokens are for. */
  audience: string;
  scopes: ServiceScopes;
}

/** What three services of this kit are called: whoever starts them says so. */
export interface ServiceNames {
  orders: ResourceNames;
  stock: ResourceNames;
  /** A third party's. Its id is its issuer's, too. */
  notes: { id: string; scopes: ServiceScopes };
}

/** The ids of the services that are called so. */
export type ServiceId<N extends ServiceNames> = N[keyof ServiceNames]["id"];
