/** Defaults that depend on feature gates (upstream's `SetDefaults_*` functions that check gates), by kind. */

import type { FeatureEnabled } from '../request/request-context.ts';
import type { ObjectDefaulter } from '../runtime/defaulting.ts';
import { gvkOf } from '../runtime/group-version.ts';
import type { RuntimeObject } from '../runtime/scheme.ts';
import type { StatefulSet } from './apps/v1/types.ts';
import { setPodLevelDefaults } from './core/pod-level-defaults.ts';
import type { Pod } from './core/v1/types.ts';
import { setAtPaths } from './gated-paths.ts';

interface GatedDefault {
  readonly gate: string;
  /** Set where the parent exists and the field doesn't. */
  readonly paths: readonly string[];
  readonly value: unknown;
  /** The objects to which it applies; by default all. */
  readonly ofThose?: (object: RuntimeObject) => boolean;
}

const rolls = (object: RuntimeObject): boolean =>
  (object as unknown as StatefulSet).spec.updateStrategy.type === 'RollingUpdate';
const isV1 = (object: RuntimeObject): boolean => gvkOf(object).version === 'v1';

const CONTAINERS = '(containers|initContainers|ephemeralContainers)[]';
const PROTOCOLS = [
  `${CONTAINERS}.(livenessProbe|readinessProbe|startupProbe).httpGet.protocol`,
  `${CONTAINERS}.lifecycle.(postStart|preStop).httpGet.protocol`,
];

const ofSpecAt = (place: string): readonly GatedDefault[] => [
  { gate: 'H2CContainerProbe', paths: PROTOCOLS.map((path) => `${place}.${path}`), value: 'HTTP1' },
];
const OF_TEMPLATE = ofSpecAt('spec.template.spec');

const PREEMPTS: GatedDefault = {
  gate: 'PodGroupPreemptionPolicy',
  paths: ['spec.preemptionPolicy'],
  value: 'PreemptLowerPriority',
};

const DEFAULTS: Readonly<Record<string, readonly GatedDefault[]>> = {
  'Pod.': ofSpecAt('spec'),
  'PodTemplate.': ofSpecAt('template.spec'),
  'ReplicationController.': OF_TEMPLATE,
  'DaemonSet.apps': OF_TEMPLATE,
  'Deployment.apps': OF_TEMPLATE,
  'ReplicaSet.apps': OF_TEMPLATE,
  'StatefulSet.apps': [
    ...OF_TEMPLATE,
    {
      gate: 'MaxUnavailableStatefulSet',
      paths: ['spec.updateStrategy.rollingUpdate.maxUnavailable'],
      value: 1,
      ofThose: rolls,
    },
  ],
  'Job.batch': OF_TEMPLATE,
  'CronJob.batch': ofSpecAt('spec.jobTemplate.spec.template.spec'),
  'CSIDriver.storage.k8s.io': [
    { gate: 'SELinuxMountReadWriteOncePod', paths: ['spec.seLinuxMount'], value: false },
    {
      gate: 'VolumeLimitScaling',
      paths: ['spec.preventPodSchedulingIfMissing'],
      value: false,
      ofThose: isV1,
    },
  ],
  'CompositePodGroup.scheduling.k8s.io': [PREEMPTS],
  'PodGroup.scheduling.k8s.io': [PREEMPTS],
};

/** A defaulter that also sets the defaults of these gates. */
export const gatedDefaulter = (
  defaulter: ObjectDefaulter,
  featureEnabled: FeatureEnabled,
): ObjectDefaulter => ({
  applyDefaults(object: RuntimeObject) {
    defaulter.applyDefaults(object);
    const { group, kind } = gvkOf(object);
    for (const { gate, paths, value, ofThose } of DEFAULTS[`${kind}.${group}`] ?? []) {
      if (featureEnabled(gate) && ofThose?.(object) !== false) setAtPaths(object, paths, value);
    }
    if (kind === 'Pod' && group === '') setPodLevelDefaults({ featureEnabled }, object as unknown as Pod);
  },
});
