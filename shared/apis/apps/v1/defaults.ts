/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/v1/defaults.go */

import { setTemplateGeneration, templateGenerationOf } from '../template-generation.ts';
import type { DaemonSet, Deployment, StatefulSet } from './types.ts';

export function setDeploymentDefaults({ spec: { strategy } }: Deployment): void {
  if (strategy.type !== 'RollingUpdate') return;
  strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate };
}

export function setDaemonSetDefaults(daemonSet: DaemonSet): void {
  // Every write of a DaemonSet sets the annotation, so it appears in managedFields.
  setTemplateGeneration(daemonSet, templateGenerationOf(daemonSet));
  const { updateStrategy } = daemonSet.spec;
  const { type, rollingUpdate } = updateStrategy;
  // Upstream's internal form has no pointers here, so unset fields become zero.
  const unset = type === 'RollingUpdate' ? 1 : 0;
  if (type !== 'RollingUpdate' && rollingUpdate === undefined) return;
  updateStrategy.rollingUpdate = { maxUnavailable: unset, maxSurge: 0, ...rollingUpdate };
}

export function setStatefulSetDefaults({
  spec: { updateStrategy, volumeClaimTemplates },
}: StatefulSet): void {
  for (const claim of volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
  }
  if (!updateStrategy.type) {
    updateStrategy.type = 'RollingUpdate';
    updateStrategy.rollingUpdate ??= {};
  }
  // A rolling update requested without parameters gets none.
  if (updateStrategy.type === 'RollingUpdate' && updateStrategy.rollingUpdate !== undefined) {
    updateStrategy.rollingUpdate.partition ??= 0;
  }
}
