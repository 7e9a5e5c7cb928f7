/** The placeholder tenant answers requests for tenants that don't exist, and requests without credentials. */

import type { ApiRequest } from '../request/api-request.ts';
import { PLACEHOLDER_TENANT } from './control-plane.ts';
import type { TenantEntry } from './tenant-directory.ts';

export const isPlaceholder = ({ name }: Pick<TenantEntry, 'name'>): boolean => name === PLACEHOLDER_TENANT;

/** The placeholder tenant. It stores nothing in `table`, not even the objects every control plane starts with. */
export function placeholderEntry(table: string): TenantEntry {
  return {
    ...{ name: PLACEHOLDER_TENANT, owner: '', id: `${PLACEHOLDER_TENANT}.00000000`, state: 'Active', table },
    ...{ arguments: [], adminARNs: [], endpoint: `https://${PLACEHOLDER_TENANT}.invalid` },
  };
}

/** Whether the tenant may admit requests without credentials. */
export function mayAllowAnonymous({
  arguments: flags,
  allowsAnonymous = false,
}: Pick<TenantEntry, 'arguments' | 'allowsAnonymous'>): boolean {
  if (allowsAnonymous) return true;
  return flags.some((flag) => flag.startsWith('--anonymous-auth=') && flag !== '--anonymous-auth=false');
}

/** Whether the request carries any credential, valid or not. */
export function hasCredential({ headers, clientCertificates = [] }: ApiRequest): boolean {
  const names = ['authorization', 'sec-websocket-protocol'];
  return clientCertificates.length > 0 || names.some((name) => headers.has(name));
}
