/** Node ports (https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/core/service/portallocator). */

import { randomUUID } from 'node:crypto';
import type { Service } from '../../../apis/core/v1/types.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import { formatTime } from '../../../meta/time.ts';
import type { StorageCodec } from '../../../storage/storage.ts';
import { highest } from '../../../util/extremes.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import type { Store, WriteOutcome } from '../../generic/store.ts';
import { AllocationError, rangeIsFull } from './allocation-error.ts';
import { candidates, type NumberRange, reservedOffset } from './candidates.ts';
import { Claims, type ServiceName, serviceName } from './claims.ts';

/** Records that a port is taken. Not visible in any API. */
interface NodePortClaim extends KubeObject {
  readonly service: ServiceName;
}

/** Dry runs get ports above the usual range. */
const FIRST_DRY_RUN_PORT = 32768;

const codec: StorageCodec<NodePortClaim> = {
  encode: (claim, resourceVersion) =>
    Buffer.from(
      JSON.stringify({ ...claim, metadata: { ...claim.metadata, resourceVersion: String(resourceVersion) } }),
    ),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as NodePortClaim,
  rewriteResourceVersion: (bytes, resourceVersion) => codec.encode(codec.decode(bytes), resourceVersion),
};

/** All node ports of a service. */
export function nodePortsOf({ spec }: Service): number[] {
  const ports = [spec.healthCheckNodePort, ...(spec.ports ?? []).map(({ nodePort }) => nodePort)];
  return [...new Set(ports.filter((port): port is number => port !== undefined && port !== 0))];
}

/** The object that records the port of a service. */
export function newNodePortClaim(name: string, service: ServiceName): NodePortClaim {
  return {
    kind: 'NodePortClaim',
    apiVersion: 'v1',
    metadata: { name, uid: randomUUID(), creationTimestamp: formatTime(Date.now()) },
    service,
  };
}

/** The storage prefix of node port claims. */
export const NODE_PORTS_PREFIX = '/registry/services/nodeports';

export class PortAllocator {
  readonly #claims: Claims<NodePortClaim>;
  readonly #range: NumberRange;

  constructor({ options, storageFactory }: RESTStorageConfig, services: Store<Service>) {
    const { from, to } = options.serviceNodePortRange;
    const size = BigInt(to - from + 1);
    this.#range = {
      first: BigInt(from),
      last: BigInt(to),
      offset: reservedOffset(size, { step: 32n, max: 128n }),
    };
    this.#claims = new Claims({
      storage: storageFactory.storageFor({
        resourcePrefix: NODE_PORTS_PREFIX,
        codec,
        attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
      }),
      services: services.storage,
      newClaim: newNodePortClaim,
      ownerOf: ({ service }) => service,
      isUsedBy: (name, service) => nodePortsOf(service).includes(Number(name)),
    });
  }

  /** Starts the changes that one write makes to a service's ports. */
  start(service: Service, { dryRun }: { readonly dryRun: boolean }): PortOperation {
    const range = this.#range;
    return new PortOperation({ claims: this.#claims, range, owner: serviceName(service), dryRun });
  }
}

function* portsIn(range: NumberRange): Generator<string> {
  for (const port of candidates(range)) yield String(port);
}

interface PortOperationOptions {
  readonly claims: Claims<NodePortClaim>;
  readonly range: NumberRange;
  readonly owner: ServiceName;
  readonly dryRun: boolean;
}

/** Releases the allocated ports if the operation fails, and the given up ones once it succeeds. */
export class PortOperation {
  readonly #options: PortOperationOptions;
  readonly #allocated: number[] = [];
  readonly #released: number[] = [];

  constructor(options: PortOperationOptions) {
    this.#options = options;
  }

  /** Throws AllocationError if the port is taken or out of range. */
  async allocate(port: number): Promise<void> {
    const { claims, range, owner, dryRun } = this.#options;
    const { first, last } = range;
    // Upstream's dry runs don't check the range.
    if (!dryRun && (port < first || port > last)) {
      const valid = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
      throw new AllocationError(valid);
    }
    const name = String(port);
    const isFree = dryRun
      ? !this.#allocated.includes(port) && !(await claims.taken(0)).has(name)
      : await claims.claim(name, owner);
    if (!isFree) throw new AllocationError('provided port is already allocated');
    this.#allocated.push(port);
  }

  /** A dry run gets a placeholder port. Throws AllocationError if no port is left. */
  async allocateNext(): Promise<number> {
    const { dryRun } = this.#options;
    const port = dryRun ? highest(this.#allocated, FIRST_DRY_RUN_PORT - 1) + 1 : await this.#claimNext();
    this.#allocated.push(port);
    return port;
  }

  async #claimNext(): Promise<number> {
    const { claims, range, owner } = this.#options;
    const port = await claims.claimAny(() => portsIn(range), owner);
    if (port === undefined) throw rangeIsFull();
    return Number(port);
  }

  /** Releases the port if the operation succeeds. */
  releaseDeferred(port: number): void {
    this.#released.push(port);
  }

  async finish(outcome: WriteOutcome): Promise<void> {
    const { claims, owner, dryRun } = this.#options;
    if (dryRun) return;
    for (const port of outcome === 'written' ? this.#released : this.#allocated) {
      await claims.release(String(port), owner);
    }
  }
}
