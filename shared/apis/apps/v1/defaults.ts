/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/v1/defaults.go */

import type { DaemonSet, Deployment, StatefulSet } from './types.ts';

export function setDeploymentDefaults({ spec: { strategy } }: Deployment): void {
  if (strategy.type !== 'RollingUpdate') return;
  strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate };
}

export function setDaemonSetDefaults({ spec: { updateStrategy } }: DaemonSet): void {
  if (updateStrategy.type !== 'RollingUpdate') return;
  updateStrategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...updateStrategy.rollingUpdate };
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
    // Strategies take it away again where its feature gate is off.
    updateStrategy.rollingUpdate.maxUnavailable ??= 1;
  }
}
