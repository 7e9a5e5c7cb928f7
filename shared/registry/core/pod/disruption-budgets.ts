/** Reads and updates the disruption budgets of pods through the API. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../../../apis/core/v1/types.ts';
import type { PodDisruptionBudget } from '../../../apis/policy/v1/types.ts';
import { setStatusCondition } from '../../../meta/conditions.ts';
import { labelSelectorAsSelector } from '../../../meta/labels.ts';
import {
  isConflict,
  newForbidden,
  newTimeoutError,
  newTooManyRequests,
  StatusError,
} from '../../../meta/status-error.ts';
import { formatTime } from '../../../meta/time.ts';
import type { LoopbackClient } from '../../../rest/resource-access.ts';
import { quote } from '../../../runtime/go-format.ts';

const BUDGETS = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
const BUDGET = { group: 'policy', resource: 'poddisruptionbudget' };
const ATTEMPTS = 20;
const PAUSE_MS = 50;
/** Maximum number of evictions that the budget's controller hasn't processed yet. */
const MAX_DISRUPTED_PODS = 2000;

function tooManyRequests(text: string, retryAfterSeconds: number): StatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const { status } = newTooManyRequests(message, retryAfterSeconds);
  const causes = [{ reason: 'DisruptionBudget', message: text }];
  return new StatusError({ ...status, details: { ...status.details, causes } });
}

export function budgetIsBeingProcessed(name: string): StatusError {
  return tooManyRequests(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  try {
    return labelSelectorAsSelector(spec.selector).matches(metadata.labels ?? {});
  } catch {
    return false;
  }
}

export async function budgetsOf(client: LoopbackClient, pod: Pod): Promise<PodDisruptionBudget[]> {
  const { namespace } = pod.metadata;
  const budgets = await client.list<PodDisruptionBudget>(BUDGETS, { namespace });
  return budgets.filter((budget) => selects(budget, pod));
}

/** Throws if the budget allows no disruption. */
function check({ metadata, status }: PodDisruptionBudget): void {
  const name = metadata.name ?? '';
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status;
  if (observedGeneration < (metadata.generation ?? 0)) throw budgetIsBeingProcessed(name);
  if (disruptionsAllowed < 0) throw newForbidden(BUDGET, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw newForbidden(BUDGET, name, why);
  }
  if (disruptionsAllowed > 0) return;
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  throw tooManyRequests(
    `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    0,
  );
}

function take({ status }: PodDisruptionBudget, podName: string): void {
  status.disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  status.disruptedPods = { ...status.disruptedPods, [podName]: formatTime(Date.now()) };
  if (status.disruptionsAllowed > 0) return;
  const conditions = [...(status.conditions ?? [])];
  setStatusCondition(conditions, {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    observedGeneration: status.observedGeneration,
  });
  status.conditions = conditions;
}

/** Takes one disruption from the budget, so that no other eviction can use it. Throws if none is left. */
export async function takeDisruption(
  client: LoopbackClient,
  budget: PodDisruptionBudget,
  { podName, dryRun }: { readonly podName: string; readonly dryRun: boolean },
): Promise<void> {
  const { name = '', namespace } = budget.metadata;
  let current = budget;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    check(current);
    if (dryRun) return;
    take(current, podName);
    try {
      await client.update(BUDGETS, current, { namespace, name, subresource: 'status' });
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    await sleep(PAUSE_MS);
    current = await client.get<PodDisruptionBudget>(BUDGETS, { namespace, name });
  }
  throw newTimeoutError(`couldn't update PodDisruptionBudget ${quote(name)} due to conflicts`, 10);
}
