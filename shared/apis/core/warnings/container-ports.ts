/** Warnings about conflicting container ports of a pod. */

import type { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { ContainerPort, PodSpec } from '../v1/types.ts';
import { containersWithPath } from '../visit-containers.ts';

interface PortAtPath {
  readonly port: ContainerPort;
  readonly path: FieldPath;
}

function* portsOf(spec: PodSpec, path: FieldPath): Generator<PortAtPath> {
  for (const { container, path: at } of containersWithPath(spec, path)) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      yield { port, path: at.child('ports').index(index) };
    }
  }
}

/** In Go's format of the struct. */
function printPort({
  name = '',
  hostPort = 0,
  containerPort,
  protocol = '',
  hostIP = '',
}: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}

/** The conflict between two definitions of the same port and protocol; undefined if there is none. */
function conflict(a: ContainerPort, b: ContainerPort): string | undefined {
  const [aHost, bHost] = [a.hostPort ?? 0, b.hostPort ?? 0];
  const [aIP, bIP] = [a.hostIP ?? '', b.hostIP ?? ''];
  if (aIP === bIP && aHost === bHost) return 'duplicate';
  if (aHost === 0 || bHost === 0) return 'overlapping';
  return aHost === bHost && (aIP === '') !== (bIP === '') ? 'dangerously ambiguous' : undefined;
}

/** Maximum number of ports checked per port number, each of which is compared with all earlier ones. */
const MAX_COMPARED = 300;
/** Far more than fits into the warnings of an answer. */
const MAX_REPORTED = 1_000;

export function warningsForContainerPorts(spec: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = [];
  const seen = new Map<string, PortAtPath[]>();
  for (const item of portsOf(spec, path)) {
    const { port } = item;
    if (warnings.length >= MAX_REPORTED) break;
    if (port.hostIP && !port.hostPort) {
      warnings.push(`${item.path}: hostIP set without hostPort: ${printPort(port)}`);
    }
    const key = `${port.containerPort}/${port.protocol}`;
    const others = seen.get(key) ?? [];
    if (others.length >= MAX_COMPARED) continue;
    for (const other of others) {
      const kind = conflict(port, other.port);
      if (kind !== undefined) warnings.push(`${item.path}: ${kind} port definition with ${other.path}`);
    }
    others.push(item);
    seen.set(key, others);
  }
  return [...warnings, ...warningsForPortNames(spec, path)];
}

function warningsForPortNames(spec: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = [];
  const named = new Map<string, FieldPath>();
  for (const { port, path: at } of portsOf(spec, path)) {
    if (!port.name) continue;
    const first = named.get(port.name);
    if (first === undefined) {
      named.set(port.name, at);
      continue;
    }
    warnings.push(
      `${at}: duplicate port name ${quote(port.name)} with ${first}, services and probes that select ports by name will use ${first}`,
    );
  }
  return warnings;
}
