/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/v1/defaults.go */

import { setTemplateGeneration, templateGenerationOf } from '../template-generation.ts';
import type { DaemonSet, Deployment, StatefulSet } from './types.ts';

export function setDeploymentDefaults({ spec: { strategy } }: Deployment): void {
  if (strategy.type !== 'RollingUpdate') return;
  strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate };
}

export function setDaemonSetDefaults(daemonSet: DaemonSet): void {
  // Whoever writes a DaemonSet writes this as well, for whoever looks at owners of fields.
  setTemplateGeneration(daemonSet, templateGenerationOf(daemonSet));
  const { updateStrategy } = daemonSet.spec;
  const { type, rollingUpdate } = updateStrategy;
  // Upstream's internal form has no pointers here: what was left out comes back as zero.
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
  // A rolling update that was asked for without parameters has none.
  if (updateStrategy.type === 'RollingUpdate' && updateStrategy.rollingUpdate !== undefined) {
    updateStrategy.rollingUpdate.partition ??= 0;
  }
}
