/**
 * The first version of workloads and pod groups, which only Kubernetes 1.36 has. Composites and preemption policies,
 * which it can't represent, are dropped.
 */

import type * as v1beta1 from '../v1beta1/types.ts';
import type { PodGroup, PodGroupSpec, PodGroupTemplate, Workload } from './types.ts';

type Mode = PodGroupSpec['disruptionMode'];
type HubMode = v1beta1.PodGroupSpec['disruptionMode'];

function modeToInternal(mode: Mode): HubMode {
  if (mode === undefined || mode === null) return undefined;
  return mode === 'PodGroup' ? { all: {} } : { single: {} };
}

function modeFromInternal(mode: HubMode): Mode {
  if (mode === undefined || mode === null) return undefined;
  return mode.all ? 'PodGroup' : 'Pod';
}

/** The fields that aren't undefined. */
function set<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

export function podGroupToInternal({ spec, ...group }: PodGroup): v1beta1.PodGroup {
  const { podGroupTemplateRef, disruptionMode, ...same } = spec;
  const { workloadName, podGroupTemplateName: templateName } = podGroupTemplateRef?.workload ?? {};
  return {
    ...group,
    spec: {
      ...same,
      ...set({
        workloadRef:
          workloadName === undefined ? undefined : { workloadName, templateName: templateName ?? '' },
        disruptionMode: modeToInternal(disruptionMode),
      }),
    } as v1beta1.PodGroupSpec,
  };
}

export function podGroupFromInternal({ spec, ...group }: v1beta1.PodGroup): PodGroup {
  const { workloadRef, disruptionMode, preemptionPolicy, parentCompositePodGroupName, ...same } = spec;
  const reference = workloadRef && {
    workload: { workloadName: workloadRef.workloadName, podGroupTemplateName: workloadRef.templateName },
  };
  const mode = modeFromInternal(disruptionMode);
  return {
    ...group,
    spec: { ...same, ...set({ podGroupTemplateRef: reference, disruptionMode: mode }) } as PodGroupSpec,
  };
}

function templateToInternal({ disruptionMode, ...same }: PodGroupTemplate): v1beta1.PodGroupTemplate {
  return {
    ...same,
    ...set({ disruptionMode: modeToInternal(disruptionMode) }),
  } as v1beta1.PodGroupTemplate;
}

function templateFromInternal(template: v1beta1.PodGroupTemplate): PodGroupTemplate {
  const { disruptionMode, preemptionPolicy, ...same } = template;
  return {
    ...same,
    ...set({ disruptionMode: modeFromInternal(disruptionMode) }),
  } as PodGroupTemplate;
}

export function workloadToInternal({ spec, ...workload }: Workload): v1beta1.Workload {
  const { podGroupTemplates, ...same } = spec;
  return {
    ...workload,
    spec: { ...same, podGroupTemplates: podGroupTemplates?.map(templateToInternal) ?? null },
  };
}

export function workloadFromInternal({ spec, ...workload }: v1beta1.Workload): Workload {
  const { podGroupTemplates, compositePodGroupTemplates, ...same } = spec;
  return {
    ...workload,
    spec: { ...same, podGroupTemplates: podGroupTemplates?.map(templateFromInternal) ?? null },
  } as Workload;
}
