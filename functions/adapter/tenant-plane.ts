/** The control plane of one tenant of a fleet, whatever host holds it. */

import { noFile, parseTenantArguments } from '../../shared/fleet/tenant-arguments.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { BirthMoulds } from '../../shared/server/birth-mould.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
} from '../../shared/server/create-control-plane.ts';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import { DEFAULT_ISSUER } from '../../shared/server/options/completed-options.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import type { DynamoDBTable } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import type { Cipher } from '../../shared/storage/encryption/cipher.ts';
import type { AddressGuard } from '../../shared/util/address-guard.ts';
import type { Logger } from '../../shared/util/logger.ts';
import { tenantKeys } from './tenant-keys.ts';
import { traceResource } from './trace-resource.ts';

/** How tenants know AWS's users and roles. */
export interface FleetIAM {
  /** Of the fleet; a tenant's begins with its own id, so that a token for one is good for no other. */
  readonly clusterID: string;
  /** Where AWS's Security Token Service is asked; empty: where tokens are signed for. */
  readonly stsEndpoint: string;
}

/** By the fleet's own flags; undefined where they name no cluster. */
export function fleetIAM({
  authenticationAWSIAMClusterID: clusterID = '',
  authenticationAWSIAMSTSEndpoint: stsEndpoint = '',
}: Partial<ServerRunOptions>): FleetIAM | undefined {
  return clusterID === '' ? undefined : { clusterID, stsEndpoint };
}

export interface TenantPlaneOptions
  extends Pick<
    ControlPlaneOptions,
    | 'storage'
    | 'controllers'
    | 'gathersHeads'
    | 'frozenBetweenRequests'
    | 'tableUsage'
    | 'tracingConfiguration'
  > {
  /** The tenant's part of a table. */
  readonly table: DynamoDBTable;
  /** Seals the tenant's keys. */
  readonly cipher: Cipher;
  /** Whom the tenant may make this process call. */
  readonly addresses: AddressGuard;
  /** PEM: whom clients of the fleet's address trust; absent: Amazon's authorities. */
  readonly certificateAuthority?: string | undefined;
  /** Absent: nobody is known by AWS IAM. */
  readonly iam?: FleetIAM | undefined;
  /** What this process' tenants are born by. */
  readonly moulds: BirthMoulds;
  readonly logger: Logger;
}

export interface TenantPlane {
  readonly plane: ControlPlane;
  readonly keys: HostKeys;
}

/** What was written can be read at once: rows are read consistently. */
export function keysOfTenant(table: DynamoDBTable, id: string, cipher: Cipher): HostKeys {
  return tenantKeys(new TenantKeyRows(table, id, cipher), undefined, 0);
}

/** Not started yet. Throws Error for flags that a tenant can't choose. */
export async function createTenantPlane(
  entry: TenantEntry,
  options: TenantPlaneOptions,
): Promise<TenantPlane> {
  const { table, cipher, certificateAuthority, iam, moulds, logger, ...more } = options;
  const keys: HostKeys = {
    ...keysOfTenant(table, entry.id, cipher),
    ...(certificateAuthority !== undefined && { rootCA: () => certificateAuthority }),
  };
  const { hostname, port } = new URL(entry.endpoint);
  const plane = await createControlPlane({
    ...more,
    options: {
      ...(await parseTenantArguments(entry.arguments, entry.version)),
      advertiseAddress: hostname,
      advertisePort: Number(port || 443),
      serviceAccountIssuer: [entry.endpoint, DEFAULT_ISSUER],
      serviceAccountJWKSURI: `${entry.endpoint}/openid/v1/jwks`,
      ...(iam && {
        authenticationAWSIAMClusterID: `${entry.id}.${iam.clusterID}`,
        authenticationAWSIAMSTSEndpoint: iam.stsEndpoint,
        authenticationAWSIAMAdminARNs: entry.adminARNs,
      }),
    },
    bootstrap: 'oncePerTenant',
    newborn: moulds.newborn(JSON.stringify([entry.version, entry.arguments])),
    keys,
    readFile: noFile,
    logger: logger.with({ tenant: entry.name }),
    traceResource: traceResource(entry.name),
    sharesTable: true,
  });
  return { plane, keys };
}
