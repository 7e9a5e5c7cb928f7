/** Cells of evictions and requests for them (upstream's printEviction and printEvictionRequest). */

import type {
  Eviction,
  EvictionRequest,
  ResponderStatus,
  TargetResponder,
} from '../../../apis/lifecycle/v1alpha1/types.ts';
import { Age, ExpectedTime } from '../age.ts';
import { type CellSource, listWithMore, NONE, rule, UNKNOWN, UNSET } from '../cell.ts';

const OVER: ReadonlySet<string> = new Set(['Canceled', 'Interrupted', 'Completed']);

function statusText({ status = {} }: Eviction | EvictionRequest): string {
  const { conditions = [], observedGeneration = 0 } = status;
  for (const type of ['TargetEvicted', 'Failed']) {
    const condition = conditions.find((one) => one.type === type);
    if (condition?.status === 'True') return `${type} (${condition.reason})`;
  }
  return observedGeneration > 0 ? 'Progressing' : 'Pending';
}

/** The responder that is active, otherwise the last one that is over. */
function currentResponder({ status }: Eviction): TargetResponder | undefined {
  const responders = status?.targetResponders ?? [];
  return (
    responders.findLast(({ state }) => state === 'Active') ??
    responders.findLast(({ state }) => OVER.has(state))
  );
}

/** The current responder with what it says of itself; undefined if it says nothing. */
function reported(eviction: Eviction): { state: string; responder: ResponderStatus } | undefined {
  const { name, state = '' } = currentResponder(eviction) ?? {};
  const responder = eviction.status?.responders?.find((one) => one.name === name);
  return responder && { state, responder };
}

function responderText(eviction: Eviction): string {
  const responders = eviction.status?.targetResponders ?? [];
  const begun = responders.filter(({ state }) => state === 'Active' || OVER.has(state));
  return `${currentResponder(eviction)?.name ?? UNSET} (${begun.length}/${responders.length})`;
}

function progress(eviction: Eviction): CellSource {
  const { state, responder } = reported(eviction) ?? {};
  if (responder === undefined) return UNSET;
  const { startTime, completionTime } = responder;
  if (state === 'Active' && startTime) return new Age(Date.parse(startTime), 'Started (', ' ago)');
  if (state !== 'Completed' || !completionTime) return state ?? '';
  return new Age(Date.parse(completionTime), 'Completed (', ' ago)');
}

function finish(eviction: Eviction): CellSource {
  const { state = '', responder } = reported(eviction) ?? {};
  if (responder === undefined) return UNKNOWN;
  if (OVER.has(state)) return '-';
  const { startTime, expectedCompletionTime } = responder;
  return startTime && expectedCompletionTime ? new ExpectedTime(Date.parse(expectedCompletionTime)) : UNKNOWN;
}

function heartbeat(eviction: Eviction): CellSource {
  const time = reported(eviction)?.responder.heartbeatTime;
  return time ? new Age(Date.parse(time), '', ' ago') : UNSET;
}

function requesters({ status }: Eviction): string {
  const all = status?.requesters ?? [];
  const names = all.filter(({ intent }) => intent !== 'Withdrawn').map(({ name }) => name);
  if (names.length === 0) return all.length > 0 ? '<withdrawn>' : NONE;
  return listWithMore(names.sort(), 1);
}

export const lifecycleRules = {
  'eviction.targetType': rule<Eviction>(({ spec }) => (spec.target.pod ? 'Pod' : UNSET)),
  'eviction.status': rule<Eviction | EvictionRequest>(statusText),
  'eviction.responder': rule<Eviction>(responderText),
  'eviction.progress': rule<Eviction>(progress),
  'eviction.finish': rule<Eviction>(finish),
  'eviction.requesters': rule<Eviction>(requesters),
  'eviction.heartbeat': rule<Eviction>(heartbeat),
  'eviction.message': rule<Eviction>((eviction) => reported(eviction)?.responder.message?.trim() || UNSET),
};
