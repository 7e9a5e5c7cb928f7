/** Nobody's control plane answers for those that are not there, and nobody is who shows nothing. */

import type { ApiRequest } from '../request/api-request.ts';
import { NOBODY } from './control-plane.ts';
import type { TenantEntry } from './tenant-directory.ts';

export const isNobody = ({ name }: Pick<TenantEntry, 'name'>): boolean => name === NOBODY;

/** Nobody's control plane: not even what a control plane is born with is in its part of `table`. */
export function nobodyEntry(table: string): TenantEntry {
  return {
    ...{ name: NOBODY, owner: '', id: `${NOBODY}.00000000`, state: 'Active', table },
    ...{ arguments: [], adminARNs: [], endpoint: `https://${NOBODY}.invalid` },
  };
}

/** Whether a tenant, by its arguments, may know who shows no credential. */
export function knowsAnonymous({ arguments: flags }: Pick<TenantEntry, 'arguments'>): boolean {
  return flags.some((flag) => flag.startsWith('--anonymous-auth=') && flag !== '--anonymous-auth=false');
}

export function bearsCredential({ headers, clientCertificates = [] }: ApiRequest): boolean {
  const names = ['authorization', 'sec-websocket-protocol'];
  return clientCertificates.length > 0 || names.some((name) => headers.has(name));
}
