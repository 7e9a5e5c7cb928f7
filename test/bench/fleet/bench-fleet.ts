/** A fleet in this process, on the embedded DynamoDB, with clients that call its router as a listener does. */

import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startEmbeddedDynamoDB } from '../../../infra/local/dynamodb/embedded-dynamodb.ts';
import { FleetHost } from '../../../infra/local/fleet/fleet-host.ts';
import { fleetRouter } from '../../../shared/fleet/fleet-router.ts';
import { TenantDirectory, type TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import type { TenantLimits } from '../../../shared/fleet/tenant-limits.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { type ApiHandler, type ApiResponse, headerFields } from '../../../shared/request/api-request.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';

const TABLE = 'zeroplane-fleet';
const ADDRESS = 'https://127.0.0.1:6443/tenants/';
const MIB = 1024 * 1024;

export interface BenchTenant {
  readonly entry: TenantEntry;
  /** Certificate of its admin, PEM. */
  readonly certificate: string;
}

export interface Ask {
  readonly method?: string;
  /** Includes the query. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface BenchFleet {
  readonly host: FleetHost;
  readonly directory: TenantDirectory;
  readonly table: ConnectedTable;
  /** Creates a control plane; resolves when it serves. */
  make(name: string, limits?: TenantLimits): Promise<BenchTenant>;
  /** Sends a request through the router as the tenant's admin. */
  answer(tenant: BenchTenant, ask: Ask): Promise<ApiResponse>;
  /** Milliseconds until the response is complete. Rejects if its status is not 2xx. */
  timed(tenant: BenchTenant, ask: Ask): Promise<number>;
  close(): Promise<void>;
}

/** A row of the directory. */
export const entryOf = (name: string): TenantEntry => ({
  name,
  owner: `default/${name}`,
  id: `${name}.${randomUUID().slice(0, 8)}`,
  state: 'Active',
  table: TABLE,
  arguments: [],
  adminARNs: [],
  endpoint: `${ADDRESS}${name}`,
});

/** `maxLoaded`: maximum number of tenants in memory. */
export async function startBenchFleet({ maxLoaded }: { maxLoaded?: number } = {}): Promise<BenchFleet> {
  const dynamodb = await startEmbeddedDynamoDB();
  const { openTable } = dynamodb;
  const table = openTable(TABLE);
  await table.create();
  const directory = new TenantDirectory(table);
  const logger = newLogger((record) => console.error(record));
  const host = new FleetHost({
    ...{ openTable, directory, logger, maxLoaded },
    tableName: TABLE,
    isAlone: true,
    addresses: publicAddresses(),
    cipher: new ExtendedNonceCipher(new Uint8Array(32)),
    certificateAuthority: '',
    controllers: ['*'],
    endpointOf: (name) => `${ADDRESS}${name}`,
  });
  const router: ApiHandler = fleetRouter({
    ...{ directory, logger, runtime: host.runtime, absentTenants: host.absentTenants },
    traffic: new TenantTraffic({ usage: new UsageMeter() }),
    management: () => Promise.reject(new Error('no management plane')),
    domain: undefined,
  });
  const answer: BenchFleet['answer'] = ({ entry, certificate }, { method = 'GET', path, body, signal }) => {
    const { pathname, searchParams } = new URL(`${ADDRESS}${entry.name}${path}`);
    return router({
      ...{ method, path: pathname, query: searchParams },
      headers: headerFields([['content-type', 'application/json']]),
      body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
      clientCertificates: [certificate],
      signal: signal ?? new AbortController().signal,
      canStream: true,
    });
  };
  return {
    ...{ host, directory, table, answer },
    async make(name, limits) {
      const entry = { ...entryOf(name), ...(limits && { limits }) };
      await host.furnish(entry, []);
      await directory.write(entry, undefined);
      const kubeconfig = await host.newKubeconfig(entry);
      const encoded = /client-certificate-data: (\S+)/.exec(kubeconfig)![1]!;
      return { entry, certificate: Buffer.from(encoded, 'base64').toString() };
    },
    async timed(tenant, ask) {
      const from = performance.now();
      const { status, body } = await answer(tenant, ask);
      const chunks: Uint8Array[] = [];
      if (body instanceof Uint8Array) chunks.push(body);
      else for await (const chunk of body) chunks.push(chunk);
      if (status >= 300) throw new Error(`${ask.path}: ${status} ${Buffer.concat(chunks).toString()}`);
      return performance.now() - from;
    },
    async close() {
      await host.close();
      table.close();
      await dynamodb.stop();
    },
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** MiB of heap and external memory after garbage collection. */
export async function memory(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

/** The `part` quantile of the values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}

/** Makes `count` values, `atOnce` at a time. */
export async function inTurns<T>(
  count: number,
  atOnce: number,
  make: (at: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      made[at] = await make(at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return made;
}
