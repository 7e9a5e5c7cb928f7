/** https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/flowcontrol/ensurer */

import {
  AUTO_UPDATE_ANNOTATION,
  BOOTSTRAP_FLOW_SCHEMAS,
  BOOTSTRAP_PRIORITY_LEVELS,
  MANDATORY,
} from '../../apis/flowcontrol/bootstrap-objects.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../apis/flowcontrol/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { isAlreadyExists, isConflict, isNotFound, unless } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { parseBool } from '../../util/parse-bool.ts';
import type { EnsureStep } from '../ensure-step.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const WRITTEN_BY = { fieldManager: 'api-priority-and-fairness-config-producer-v1' };

type Configuration = FlowSchema | PriorityLevelConfiguration;

/** Undefined: the annotation is absent or invalid. */
const autoUpdate = ({ metadata }: Configuration): boolean | undefined =>
  parseBool(metadata.annotations?.[AUTO_UPDATE_ANNOTATION] ?? '');

/** The update for the stored object; undefined: it is up to date. */
export function revisedConfiguration<T extends Configuration>(current: T, wanted: T): T | undefined {
  const { name = '' } = wanted.metadata;
  const said = autoUpdate(current);
  const updates = MANDATORY.includes(name) || (said ?? current.metadata.generation === 1);
  const specChanged = updates && !isSpecUpToDate(current, wanted);
  if (said === updates && !specChanged) return undefined;
  const annotations = { ...current.metadata.annotations, [AUTO_UPDATE_ANNOTATION]: String(updates) };
  return {
    ...wanted,
    metadata: { ...current.metadata, annotations },
    spec: specChanged ? wanted.spec : current.spec,
    status: current.status,
  };
}

/** Administrators may change the exempt level's share of the server. */
function isSpecUpToDate(current: Configuration, wanted: Configuration): boolean {
  if (!('exempt' in wanted.spec && 'exempt' in current.spec)) {
    return semanticDeepEqual(current.spec, wanted.spec);
  }
  return semanticDeepEqual({ ...current.spec, exempt: undefined }, { ...wanted.spec, exempt: undefined });
}

async function ensureConfigurations<T extends Configuration>(
  { lister, client }: ResourceAccess,
  resource: string,
  wanted: readonly T[],
): Promise<void> {
  const { items } = await lister<T>({ group: GROUP, resource }).snapshot(0);
  const gvr = { group: GROUP, version: 'v1', resource };
  const stored = new Map(items.map((item) => [item.metadata.name, item]));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const missing = wanted.filter(({ metadata }) => !stored.has(metadata.name));
  const revised = wanted.flatMap((object) => {
    const current = stored.get(object.metadata.name);
    return (current && revisedConfiguration(current, object)) ?? [];
  });
  const unwanted = items.filter((item) => !names.has(item.metadata.name) && autoUpdate(item) === true);
  // Another server may be faster.
  await Promise.all([
    ...missing.map((object) => client.create(gvr, object, WRITTEN_BY).catch(unless(isAlreadyExists))),
    ...revised.map((object) => client.update(gvr, object, WRITTEN_BY).catch(unless(isConflict))),
    ...unwanted.map(({ metadata }) => client.delete(gvr, { name: metadata.name! }).catch(unless(isNotFound))),
  ]);
}

/** Also updates, and removes, objects of another release. */
export const flowControlDefaults: EnsureStep = {
  name: 'poststarthook/priority-and-fairness-config-producer',
  async run(resources) {
    await ensureConfigurations(resources, 'prioritylevelconfigurations', BOOTSTRAP_PRIORITY_LEVELS);
    await ensureConfigurations(resources, 'flowschemas', BOOTSTRAP_FLOW_SCHEMAS);
  },
};
