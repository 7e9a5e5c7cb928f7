/**
 * Aggregates the resources of a pod's containers
 * (https://github.com/kubernetes/component-helpers/blob/master/resource/helpers.go).
 */

import { Quantity } from '../../runtime/quantity.ts';
import type { Container, PodSpec } from './v1/types.ts';

export type ResourceList = Readonly<Record<string, string>>;

type Amounts = Map<string, Quantity>;

function add(amounts: Amounts, more: Iterable<readonly [string, Quantity]>): void {
  for (const [name, quantity] of more) {
    const sum = amounts.get(name);
    amounts.set(name, sum === undefined ? quantity : sum.add(quantity));
  }
}

function raise(amounts: Amounts, floor: Amounts): void {
  for (const [name, quantity] of floor) {
    const current = amounts.get(name);
    if (current === undefined || quantity.cmp(current) > 0) amounts.set(name, quantity);
  }
}

export function parseResourceList(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, Quantity.parse(text)]));
}

export function isRestartableInitContainer({ restartPolicy }: Pick<Container, 'restartPolicy'>): boolean {
  return restartPolicy === 'Always';
}

/**
 * Adds up containers. An init container runs along with the sidecars started before it. The result is the larger of
 * both.
 */
export function aggregateContainerResources(spec: PodSpec, which: 'requests' | 'limits'): Amounts {
  const total: Amounts = new Map();
  for (const container of spec.containers ?? []) add(total, parseResourceList(container.resources?.[which]));
  const sidecars: Amounts = new Map();
  const starting: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = parseResourceList(container.resources?.[which]);
    if (isRestartableInitContainer(container)) {
      add(total, own);
      add(sidecars, own);
      raise(starting, sidecars);
    } else {
      add(own, sidecars);
      raise(starting, own);
    }
  }
  raise(total, starting);
  return total;
}
