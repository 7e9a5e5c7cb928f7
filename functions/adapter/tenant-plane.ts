/** The control plane of one tenant of a fleet, for every kind of host. */

import { parseTenantArguments } from '../../shared/fleet/tenant-arguments.ts';
import type { TenantFiles } from '../../shared/fleet/tenant-configuration.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import { TenantKeyRows } from '../../shared/fleet/tenant-key-rows.ts';
import type { BootstrapTemplates } from '../../shared/server/bootstrap-template.ts';
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

/** Authentication of tenants' clients by AWS IAM. */
export interface FleetIAM {
  /**
   * The fleet's ID. A tenant's is prefixed with its own id, so that a token for one tenant is invalid for all others.
   */
  readonly clusterID: string;
  /** Endpoint of AWS's Security Token Service; empty: the one that a token is signed for. */
  readonly stsEndpoint: string;
}

/** From the fleet's own flags; undefined if they set no cluster ID. */
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
    | 'auditMemory'
    | 'tableUsage'
    | 'tracingConfiguration'
  > {
  /** The tenant's part of a table. */
  readonly table: DynamoDBTable;
  /** Encrypts the tenant's keys. */
  readonly cipher: Cipher;
  /** The addresses that the tenant may make this process call. */
  readonly addresses: AddressGuard;
  /** PEM: the CA of the fleet's address; absent: Amazon's CAs. */
  readonly certificateAuthority?: string | undefined;
  /** Absent: no authentication by AWS IAM. */
  readonly iam?: FleetIAM | undefined;
  /** Templates from which this process creates tenants' initial objects. */
  readonly bootstrapTemplates: BootstrapTemplates;
  readonly logger: Logger;
}

export interface TenantPlane {
  readonly plane: ControlPlane;
  readonly keys: HostKeys;
}

/** 0 ms: rows are read consistently, so a created key can be read at once. */
export function keysOfTenant(table: DynamoDBTable, id: string, cipher: Cipher): HostKeys {
  return tenantKeys(new TenantKeyRows(table, id, cipher), undefined, 0);
}

/** Creates the plane without starting it. Rejects with Error for flags that a tenant can't choose. */
export async function createTenantPlane(
  entry: TenantEntry,
  options: TenantPlaneOptions,
): Promise<TenantPlane> {
  const { table, cipher, certificateAuthority, iam, bootstrapTemplates, logger, ...more } = options;
  const keys: HostKeys = {
    ...keysOfTenant(table, entry.id, cipher),
    ...(certificateAuthority !== undefined && { rootCA: () => certificateAuthority }),
  };
  const files = await filesOf(entry, new TenantKeyRows(table, entry.id, cipher));
  const chosen = await parseTenantArguments({ arguments: entry.arguments, version: entry.version, files });
  const { hostname, port } = new URL(entry.endpoint);
  const plane = await createControlPlane({
    ...more,
    options: {
      ...chosen.options,
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
    templatedBootstrap: bootstrapTemplates.bootstrapFor(
      JSON.stringify([entry.version, entry.arguments, files?.configurations.authorization, port]),
    ),
    keys,
    readFile: chosen.readFile,
    logger: logger.with({ tenant: entry.name }),
    traceResource: traceResource(entry.name),
    auditAnnotations: { 'zeroplane.dev/control-plane': entry.name },
    sharesTable: true,
  });
  return { plane, keys };
}

/** The code is loaded for tenants with configuration files only. */
async function filesOf({ files }: TenantEntry, rows: TenantKeyRows): Promise<TenantFiles | undefined> {
  if (files === undefined) return undefined;
  return (await import('../../shared/fleet/tenant-files.ts')).readTenantFiles(rows, files);
}
