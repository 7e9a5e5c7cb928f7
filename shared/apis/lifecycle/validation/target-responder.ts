import { type FieldError, forbidden, invalid, shownAs } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import type { ResponderStatus, TargetResponder } from '../v1alpha1/types.ts';
import { ALLOWED_TIME_SKEW } from './status-responders.ts';

const RESPONDERS = 'status.responders';
const HEARTBEAT_DEADLINE = 20 * 60_000;
/** Lower priorities are reserved for Kubernetes. */
const RESERVED = 1000;
const KUBERNETES_PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['imperative-eviction.k8s.io/evictor', 100],
]);

interface Turn {
  readonly states: readonly string[];
  readonly reason: string;
  /** The responder's own status. */
  readonly responder: ResponderStatus | undefined;
  /** Whether the eviction has ended. */
  readonly isFinal: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function validateTargetResponder(target: TargetResponder, path: FieldPath, turn: Turn): FieldError[] {
  const { responder, states, reason } = turn;
  if (responder === undefined) {
    const detail = `${quote(target.name)} has to be tracked in ${RESPONDERS} first`;
    return shownAs('lifecycle.TargetResponder', [invalid(path, target, detail)]);
  }
  const errors = validatePriority(target, path.child('priority'));
  const at = path.child('state');
  if (!states.includes(target.state)) {
    const detail = `must be one of: ${states.join(', ')}, because ${reason}`;
    return [...errors, invalid(at, target.state, detail)];
  }
  if (mustStayActive(target, responder, turn)) {
    errors.push(
      forbidden(
        at,
        `must stay Active because the responder is in progress and it should report ${RESPONDERS}.heartbeatTime or ${RESPONDERS}.completionTime`,
      ),
    );
  }
  if (target.state === 'Completed' && !responder.completionTime) {
    const detail = `cannot become Completed because the responder didn't report ${RESPONDERS}.completionTime`;
    errors.push(invalid(at, target.state, detail));
  }
  return errors;
}

function validatePriority({ name, priority }: TargetResponder, path: FieldPath): FieldError[] {
  if (priority === undefined || priority === null || priority < 0) return [];
  const expected = KUBERNETES_PRIORITIES.get(name);
  if (expected !== undefined) {
    const detail = `core k8s responder is expected to have priority: ${expected}`;
    return priority === expected ? [] : [invalid(path, priority, detail)];
  }
  const detail = 'priorities 0-999 are reserved for responders with *.k8s.io suffix';
  return priority < RESERVED ? [invalid(path, priority, detail)] : [];
}

/** A responder that has started keeps its turn until it completes or its heartbeat expires. */
function mustStayActive({ state }: TargetResponder, responder: ResponderStatus, turn: Turn): boolean {
  const { startTime, heartbeatTime, completionTime } = responder;
  if (state === 'Active' || !startTime || completionTime || turn.isFinal) return false;
  return turn.now < Date.parse(heartbeatTime ?? startTime) + HEARTBEAT_DEADLINE - ALLOWED_TIME_SKEW;
}
