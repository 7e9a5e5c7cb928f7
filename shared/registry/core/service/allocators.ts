/**
 * Allocates cluster IPs and node ports of services: before the service is written, and releases them if the write fails
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/service/storage/alloc.go).
 */

import { isHeadless, needsHealthCheck } from '../../../apis/core/service-helpers.ts';
import type { Service } from '../../../apis/core/v1/types.ts';
import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { newInternalError, newInvalid } from '../../../meta/status-error.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import type { FinishFunction, Store } from '../../generic/store.ts';
import { AllocationError } from './allocation-error.ts';
import { IPAllocator, type IPFamily } from './ip-allocator.ts';
import { initIPFamilyFields, prefersDualStackAsBefore } from './ip-families.ts';
import { getsNodePorts, hasNodePorts, nodePortsOf } from './linked-fields.ts';
import { PortAllocator, type PortOperation } from './port-allocator.ts';

const SERVICE = { group: '', kind: 'Service' };
const SPEC = FieldPath.of('spec');

/** The cluster IPs that a write allocates and releases. */
interface IPChanges {
  readonly allocated: readonly string[];
  readonly released: readonly string[];
}

const NONE: IPChanges = { allocated: [], released: [] };

/** Runs an allocation; `refusal` converts the reason of its failure to a Status. */
async function allocating<R>(run: () => Promise<R>, refusal: (why: string) => Error): Promise<R> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof AllocationError ? refusal(error.message) : error;
  }
}

export class ServiceAllocators {
  readonly #ips: IPAllocator;
  readonly #ports: PortAllocator;

  constructor(config: RESTStorageConfig, services: Store<Service>) {
    this.#ips = new IPAllocator(config, services);
    this.#ports = new PortAllocator(config, services);
  }

  async allocateCreate(service: Service, dryRun: boolean): Promise<FinishFunction> {
    initIPFamilyFields(service, undefined, this.#ips.families);
    const ips = await this.#allocateClusterIPs(service, dryRun);
    return this.#withPorts(service, { ips, dryRun }, async (ports) => {
      if (hasNodePorts(service)) await initNodePorts(service, ports);
      if (needsHealthCheck(service)) await allocateHealthCheckPort(service, ports);
    });
  }

  async allocateUpdate(service: Service, old: Service, dryRun: boolean): Promise<FinishFunction> {
    initIPFamilyFields(service, old, this.#ips.families);
    const ips = await this.#updateClusterIPs(service, old, dryRun);
    return this.#withPorts(service, { ips, dryRun }, async (ports) => {
      if (hasNodePorts(service)) await updateNodePorts(service, old, ports);
      else for (const port of nodePortsOf(old)) ports.releaseDeferred(port);
      if (needsHealthCheck(service) && !needsHealthCheck(old)) await allocateHealthCheckPort(service, ports);
      if (needsHealthCheck(old) && !needsHealthCheck(service)) {
        ports.releaseDeferred(old.spec.healthCheckNodePort ?? 0);
      }
    });
  }

  /** Releases everything that a deleted service held. */
  async release(service: Service): Promise<void> {
    if (service.spec.type !== 'ExternalName' && !isHeadless(service)) {
      for (const ip of service.spec.clusterIPs ?? []) await this.#ips.release(service, ip);
    }
    const ports = this.#ports.start(service, { dryRun: false });
    for (const port of nodePortsOf(service)) ports.releaseDeferred(port);
    if (service.spec.healthCheckNodePort) ports.releaseDeferred(service.spec.healthCheckNodePort);
    await ports.finish('written');
  }

  async #withPorts(
    service: Service,
    { ips, dryRun }: { readonly ips: IPChanges; readonly dryRun: boolean },
    change: (ports: PortOperation) => Promise<void>,
  ): Promise<FinishFunction> {
    const ports = this.#ports.start(service, { dryRun });
    const finish: FinishFunction = async (outcome) => {
      if (!dryRun) {
        const free = outcome === 'written' ? ips.released : ips.allocated;
        for (const ip of free) await this.#ips.release(service, ip);
      }
      await ports.finish(outcome);
    };
    try {
      await change(ports);
    } catch (error) {
      await finish('failed');
      throw error;
    }
    return finish;
  }

  async #allocateClusterIPs(service: Service, dryRun: boolean): Promise<IPChanges> {
    if (service.spec.type === 'ExternalName' || isHeadless(service)) return NONE;
    return this.#allocateMissing(service, 0, dryRun);
  }

  /** Allocates an address for every family from index `start` on. */
  async #allocateMissing(service: Service, start: number, dryRun: boolean): Promise<IPChanges> {
    const { spec } = service;
    const clusterIPs = [...(spec.clusterIPs ?? [])];
    const allocated: string[] = [];
    try {
      for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
        if (index < start) continue;
        const ip = await this.#allocateIP(service, index, { family: family as IPFamily, dryRun });
        allocated.push(ip);
        clusterIPs[index] = ip;
      }
    } catch (error) {
      if (!dryRun) for (const ip of allocated) await this.#ips.release(service, ip);
      throw error;
    }
    spec.clusterIPs = clusterIPs;
    spec.clusterIP = clusterIPs[0]!;
    return { allocated, released: [] };
  }

  /** Allocates the requested address, or any if none is requested. */
  #allocateIP(
    service: Service,
    index: number,
    { family, dryRun }: { readonly family: IPFamily; readonly dryRun: boolean },
  ): Promise<string> {
    const { metadata, spec } = service;
    const asked = spec.clusterIPs?.[index];
    if (!asked) {
      return allocating(
        () => this.#ips.allocateNext(service, family, dryRun),
        (why) =>
          newInternalError(
            `failed to allocate a serviceIP for Service ${quote(metadata.name ?? '')}: ${why}`,
          ),
      );
    }
    return allocating(
      async () => {
        await this.#ips.allocate(service, asked, dryRun);
        return asked;
      },
      (why) =>
        newInvalid(SERVICE, metadata.name ?? '', [
          invalid(SPEC.child('clusterIPs'), spec.clusterIPs, `failed to allocate IP ${asked}: ${why}`),
        ]),
    );
  }

  async #updateClusterIPs(service: Service, old: Service, dryRun: boolean): Promise<IPChanges> {
    if (prefersDualStackAsBefore(service, old)) return NONE;
    const [now, before] = [service.spec, old.spec];
    if (before.type === 'ExternalName') return this.#allocateClusterIPs(service, dryRun);
    if (isHeadless(old)) return NONE;
    const released = before.clusterIPs ?? [];
    if (now.type === 'ExternalName') return { allocated: [], released };
    const [families, oldFamilies] = [now.ipFamilies?.length ?? 0, before.ipFamilies?.length ?? 0];
    if (oldFamilies === 1 && families === 2) return this.#allocateMissing(service, 1, dryRun);
    if (oldFamilies === 2 && families === 1) return { allocated: [], released: released.slice(1) };
    return NONE;
  }
}

const portPath = (index: number): FieldPath => SPEC.child('ports').index(index).child('nodePort');

function allocatePort(
  { metadata }: Service,
  ports: PortOperation,
  { port, path }: { readonly port: number; readonly path: FieldPath },
): Promise<void> {
  return allocating(
    () => ports.allocate(port),
    (why) => newInvalid(SERVICE, metadata.name ?? '', [invalid(path, port, why)]),
  );
}

function allocateAnyPort(ports: PortOperation): Promise<number> {
  return allocating(
    () => ports.allocateNext(),
    (why) => newInternalError(`failed to allocate a nodePort: ${why}`),
  );
}

/** Allocates requested ports before choosing others. Ports of the same number (TCP and UDP) share a node port. */
async function initNodePorts(service: Service, ports: PortOperation): Promise<void> {
  const servicePorts = service.spec.ports ?? [];
  const byNumber = new Map<number, number>();
  const asked = new Set<number>();
  for (const [index, { port, nodePort }] of servicePorts.entries()) {
    if (!nodePort) continue;
    if (!asked.has(nodePort) || byNumber.get(port) !== nodePort) {
      await allocatePort(service, ports, { port: nodePort, path: portPath(index) });
    }
    asked.add(nodePort);
    if (!byNumber.has(port)) byNumber.set(port, nodePort);
  }
  if (!getsNodePorts(service)) return;
  for (const servicePort of servicePorts) {
    servicePort.nodePort ||= byNumber.get(servicePort.port) ?? (await allocateAnyPort(ports));
    byNumber.set(servicePort.port, servicePort.nodePort);
  }
}

async function updateNodePorts(service: Service, old: Service, ports: PortOperation): Promise<void> {
  const before = new Set(nodePortsOf(old));
  const allocated = new Set<number>();
  const servicePorts = service.spec.ports ?? [];
  for (const [index, { nodePort }] of servicePorts.entries()) {
    if (!nodePort || before.has(nodePort) || allocated.has(nodePort)) continue;
    await allocatePort(service, ports, { port: nodePort, path: portPath(index) });
    allocated.add(nodePort);
  }
  if (getsNodePorts(service)) {
    for (const servicePort of servicePorts) servicePort.nodePort ||= await allocateAnyPort(ports);
  }
  const now = new Set(nodePortsOf(service));
  for (const port of before) if (!now.has(port)) ports.releaseDeferred(port);
}

async function allocateHealthCheckPort(service: Service, ports: PortOperation): Promise<void> {
  const { metadata, spec } = service;
  const asked = spec.healthCheckNodePort;
  if (!asked) {
    spec.healthCheckNodePort = await allocateAnyPort(ports);
    return;
  }
  await allocating(
    () => ports.allocate(asked),
    (why) => {
      const detail = `failed to allocate requested HealthCheck NodePort ${asked}: ${why}`;
      return newInvalid(SERVICE, metadata.name ?? '', [
        invalid(SPEC.child('healthCheckNodePort'), asked, detail),
      ]);
    },
  );
}
