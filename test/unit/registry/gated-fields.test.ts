/** Fields dropped by feature gates, compared with facts about upstream's strategies with each gate off. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { daemonSetStrategy } from '../../../shared/registry/apps/daemonset/strategy.ts';
import {
  deploymentStatusStrategy,
  deploymentStrategy,
} from '../../../shared/registry/apps/deployment/strategy.ts';
import {
  replicaSetStatusStrategy,
  replicaSetStrategy,
} from '../../../shared/registry/apps/replicaset/strategy.ts';
import { statefulSetStrategy } from '../../../shared/registry/apps/statefulset/strategy.ts';
import { horizontalPodAutoscalerStrategy } from '../../../shared/registry/autoscaling/horizontalpodautoscaler/strategy.ts';
import { cronJobStrategy } from '../../../shared/registry/batch/cronjob/strategy.ts';
import { jobStrategy } from '../../../shared/registry/batch/job/strategy.ts';
import { leaseStrategy } from '../../../shared/registry/coordination/lease/strategy.ts';
import { nodeStatusStrategy, nodeStrategy } from '../../../shared/registry/core/node/strategy.ts';
import { persistentVolumeStrategy } from '../../../shared/registry/core/persistentvolume/strategy.ts';
import {
  persistentVolumeClaimStatusStrategy,
  persistentVolumeClaimStrategy,
} from '../../../shared/registry/core/persistentvolumeclaim/strategy.ts';
import { podStatusStrategy } from '../../../shared/registry/core/pod/status-strategy.ts';
import { podStrategy } from '../../../shared/registry/core/pod/strategy.ts';
import { podTemplateStrategy } from '../../../shared/registry/core/podtemplate/strategy.ts';
import { replicationControllerStrategy } from '../../../shared/registry/core/replicationcontroller/strategy.ts';
import { endpointSliceStrategy } from '../../../shared/registry/discovery/endpointslice/strategy.ts';
import { deviceClassStrategy } from '../../../shared/registry/resource/deviceclass/strategy.ts';
import {
  createResourceClaimStatusStrategy,
  createResourceClaimStrategy,
} from '../../../shared/registry/resource/resourceclaim/strategy.ts';
import { createResourceClaimTemplateStrategy } from '../../../shared/registry/resource/resourceclaimtemplate/strategy.ts';
import { resourcePoolStatusRequestStrategy } from '../../../shared/registry/resource/resourcepoolstatusrequest/strategy.ts';
import { resourceSliceStrategy } from '../../../shared/registry/resource/resourceslice/strategy.ts';
import { compositePodGroupStrategy } from '../../../shared/registry/scheduling/compositepodgroup/strategy.ts';
import {
  podGroupStatusStrategy,
  podGroupStrategy,
} from '../../../shared/registry/scheduling/podgroup/strategy.ts';
import { csiDriverStrategy } from '../../../shared/registry/storage/csidriver/strategy.ts';
import { csiNodeStatusStrategy } from '../../../shared/registry/storage/csinode/strategy.ts';
import { volumeAttachmentStatusStrategy } from '../../../shared/registry/storage/volumeattachment/strategy.ts';

interface Fact {
  readonly drops?: readonly string[];
  /** `field: before -> after` */
  readonly leaves?: readonly string[];
  readonly onlyOnCreate?: boolean;
  readonly usedBy?: readonly string[];
}

type Facts = Readonly<Record<string, Readonly<Record<string, Fact | string>>>>;

interface Drops {
  dropDisabledFields?(context: never, object: never, old: never): void;
}

const FACTS = JSON.parse(readFileSync(join(root, 'test/facts/gated-fields.json'), 'utf8')) as Facts;
const NOTHING = {} as never;

const STRATEGIES: Readonly<Record<string, Drops>> = {
  'apps/v1/DaemonSet': daemonSetStrategy,
  'apps/v1/Deployment': deploymentStrategy,
  'apps/v1/Deployment/status': deploymentStatusStrategy,
  'apps/v1/ReplicaSet': replicaSetStrategy,
  'apps/v1/ReplicaSet/status': replicaSetStatusStrategy,
  'apps/v1/StatefulSet': statefulSetStrategy,
  'autoscaling/v2/HorizontalPodAutoscaler': horizontalPodAutoscalerStrategy,
  'batch/v1/CronJob': cronJobStrategy,
  'batch/v1/Job': jobStrategy,
  'coordination.k8s.io/v1/Lease': leaseStrategy,
  'discovery.k8s.io/v1/EndpointSlice': endpointSliceStrategy,
  'resource.k8s.io/v1/DeviceClass': deviceClassStrategy,
  'resource.k8s.io/v1/ResourceClaim': createResourceClaimStrategy(NOTHING),
  'resource.k8s.io/v1/ResourceClaim/status': createResourceClaimStatusStrategy(NOTHING),
  'resource.k8s.io/v1/ResourceClaimTemplate': createResourceClaimTemplateStrategy(NOTHING),
  'resource.k8s.io/v1/ResourceSlice': resourceSliceStrategy,
  'resource.k8s.io/v1alpha3/ResourcePoolStatusRequest': resourcePoolStatusRequestStrategy,
  'scheduling.k8s.io/v1alpha3/CompositePodGroup': compositePodGroupStrategy,
  'scheduling.k8s.io/v1alpha3/PodGroup': podGroupStrategy,
  'scheduling.k8s.io/v1alpha3/PodGroup/status': podGroupStatusStrategy,
  'storage.k8s.io/v1/CSIDriver': csiDriverStrategy,
  'storage.k8s.io/v1/CSINode/status': csiNodeStatusStrategy,
  'storage.k8s.io/v1/VolumeAttachment/status': volumeAttachmentStatusStrategy,
  'v1/Node': nodeStrategy,
  'v1/Node/status': nodeStatusStrategy,
  'v1/PersistentVolume': persistentVolumeStrategy,
  'v1/PersistentVolumeClaim': persistentVolumeClaimStrategy,
  'v1/PersistentVolumeClaim/status': persistentVolumeClaimStatusStrategy,
  'v1/Pod': podStrategy,
  'v1/Pod/status': podStatusStrategy,
  'v1/PodTemplate': podTemplateStrategy,
  'v1/ReplicationController': replicationControllerStrategy,
};

/**
 * Rules that paths can't express are tested separately: whole volumes, sources in other namespaces, a computed number.
 */
const APART = ['ImageVolume', 'CrossNamespaceVolumeDataSource', 'HPAGeneration'];
/** Values that depend on a gate. */
const VALUES: Readonly<Record<string, string>> = { procMount: 'Unmasked' };

type Json = { [field: string]: Json } | Json[] | string;

/** Sets a path such as `spec.devices[].capacity.x.requestPolicy` in an object, creating missing containers. */
function put(object: Json, path: string): void {
  const steps = path.replaceAll('[]', '.[]').split('.');
  let holder = object as Record<string, Json>;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    const name = step === '[]' ? '0' : step;
    const made = next === undefined ? (VALUES[step] ?? (step === '[]' ? {} : 'x')) : next === '[]' ? [] : {};
    if (holder[name] === undefined || (next !== undefined && typeof holder[name] === 'string'))
      holder[name] = made;
    holder = holder[name] as Record<string, Json>;
  }
}

const holding = (paths: readonly string[]): Json => {
  const object: Json = { metadata: {}, spec: { jobTemplate: { spec: {} } }, status: {} };
  for (const path of paths) put(object, path);
  return object;
};

/** The outermost paths that were removed, and values that changed. */
function lost(before: Json, after: Json | undefined, path = ''): string[] {
  if (after === undefined) return [path];
  if (typeof before === 'string') return before === after ? [] : [`${path}: ${before} -> ${after as string}`];
  return Object.entries(before).flatMap(([name, value]) => {
    const at = Array.isArray(before) ? `${path}[]` : path === '' ? name : `${path}.${name}`;
    return lost(value, (after as Record<string, Json>)[name], at);
  });
}

function dropped(strategy: Drops, gate: string, given: Json, old: Json | undefined): string[] {
  const object = structuredClone(given);
  const context = { featureEnabled: (name: string) => name !== gate };
  strategy.dropDisabledFields!(context as never, object as never, old as never);
  return lost(given, object).sort();
}

/** A kind's facts, including those of its pod template. */
function factsOf(kind: string): Map<string, Fact> {
  const { template, ...own } = FACTS[kind] as Record<string, Fact> & { template?: string };
  const facts = new Map(Object.entries(own));
  if (template === undefined) return facts;
  const moved = (paths: readonly string[] | undefined) =>
    paths
      ?.filter((path) => path.startsWith('spec.'))
      .map((path) => `${template}${path.slice('spec'.length)}`);
  for (const [gate, { drops, leaves, usedBy }] of Object.entries(FACTS['v1/Pod'] as Record<string, Fact>)) {
    facts.set(gate, {
      drops: moved(drops) ?? [],
      leaves: moved(leaves) ?? [],
      usedBy: moved(usedBy) ?? [],
    });
  }
  return facts;
}

test('facts and strategies cover the same kinds', () => {
  expect(Object.keys(STRATEGIES).sort()).toEqual(Object.keys(FACTS).sort());
});

test.each(Object.keys(FACTS))('fields dropped from %s by disabled gates', (kind) => {
  const strategy = STRATEGIES[kind]!;
  const facts = factsOf(kind);
  for (const gate of APART) facts.delete(gate);
  const fieldOf = (text: string) => text.split(': ')[0]!;
  const everything = holding(
    [...facts.values()].flatMap(({ drops = [], leaves = [] }) => [...drops, ...leaves.map(fieldOf)]),
  );
  const created = kind.endsWith('/status') ? holding([]) : undefined;
  const found: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const [gate, { drops = [], leaves = [], onlyOnCreate = false, usedBy = [] }] of facts) {
    const all = [...drops, ...leaves].sort();
    expected[gate] = { create: all, update: onlyOnCreate ? [] : all, kept: [] };
    found[gate] = {
      create: dropped(strategy, gate, everything, created),
      // An update through the main resource leaves the stored status unchanged.
      update: dropped(strategy, gate, everything, holding([])).filter(
        (path) => kind.endsWith('/status') || !path.startsWith('status.'),
      ),
      kept: usedBy.filter((path) => dropped(strategy, gate, everything, holding([path])).length > 0),
    };
  }
  expect(found).toEqual(expected);
  expect(dropped(strategy, 'NoSuchGate', everything, created)).toEqual([]);
});
