/** Cells that can't be expressed by a path, keyed by their name in columns.json. */

import type { CellRule } from './cell.ts';
import { clusterRules } from './rules/cluster.ts';
import { lifecycleRules } from './rules/lifecycle.ts';
import { networkRules } from './rules/network.ts';
import { podRules } from './rules/pod.ts';
import { poolStatusRules } from './rules/pool-status.ts';
import { schedulingRules } from './rules/scheduling.ts';
import { workloadRules } from './rules/workload.ts';

export const CELL_RULES: Readonly<Record<string, CellRule>> = {
  ...podRules,
  ...workloadRules,
  ...networkRules,
  ...clusterRules,
  ...poolStatusRules,
  ...lifecycleRules,
  ...schedulingRules,
};
