import type { Pod } from '../../apis/core/v1/types.ts';
import { controllerOf } from '../../meta/owner-reference.ts';
import { quote } from '../../runtime/go-format.ts';
import { entryOf } from '../../util/entry-of.ts';
import { plural } from './check.ts';
import { evaluatePod } from './evaluate-pod.ts';
import { formatLevelVersion, type LevelVersion } from './policy.ts';

const MAX_PODS = 3000;
const MAX_MS = 1000;

/** Warnings about existing pods in a namespace whose restrictions are tightened. */
export function warnOfExistingPods(
  namespace: string,
  pods: readonly Pod[],
  enforce: LevelVersion,
): readonly string[] {
  const deadline = Date.now() + MAX_MS;
  const ordered = onePerControllerFirst(pods);
  const byReasons = new Map<string, string[]>();
  let checked = 0;
  for (const pod of ordered.slice(0, MAX_PODS)) {
    checked += 1;
    const reasons = evaluatePod(enforce, pod)
      .map(({ reason }) => reason)
      .join(', ');
    const name = pod.metadata.name ?? '';
    if (reasons !== '') entryOf(byReasons, reasons, () => []).push(name);
    if (Date.now() > deadline) break;
  }
  const warnings: string[] = [];
  if (checked < ordered.length) {
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${checked} of ${ordered.length} existing pods`,
    );
  }
  if (byReasons.size > 0) {
    warnings.push(
      `existing pods in namespace ${quote(namespace)} violate the new PodSecurity enforce level ${quote(formatLevelVersion(enforce))}`,
    );
  }
  return [...warnings, ...[...byReasons].map(([reasons, names]) => `${podNames(names)}: ${reasons}`).sort()];
}

function podNames(names: readonly string[]): string {
  const [first] = [...names].sort();
  const others = names.length - 1;
  return others === 0 ? first! : `${first} (and ${others} other ${plural(others, 'pod')})`;
}

/** Puts one pod per controller first, because replicas are alike. */
function onePerControllerFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const repeated: Pod[] = [];
  const first = pods.filter((pod) => {
    const uid = controllerOf(pod.metadata)?.uid;
    if (uid === undefined) return true;
    if (seen.has(uid)) repeated.push(pod);
    const isNew = !seen.has(uid);
    seen.add(uid);
    return isNew;
  });
  return [...first, ...repeated];
}
