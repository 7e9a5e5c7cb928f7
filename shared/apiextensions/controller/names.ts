/**
 * Decides which of its requested names a definition gets
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/controller/status/naming_controller.go).
 */

import type { NewCondition } from '../../apis/apiextensions/conditions.ts';
import { findCondition } from '../../apis/apiextensions/conditions.ts';
import type { Definition } from '../../apis/apiextensions/definition.ts';
import type { CustomResourceDefinitionNames } from '../../apis/apiextensions/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { aggregateMessages, quote } from '../../runtime/go-format.ts';
import { compact } from '../../util/compact.ts';

/** The accepted names of one definition in a group. */
export type AcceptedNames = CustomResourceDefinitionNames;

interface ClaimedNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function claimed(names: readonly AcceptedNames[]): ClaimedNames {
  const resources = names.flatMap(({ plural, singular, shortNames }) => [
    plural,
    singular,
    ...(shortNames ?? []),
  ]);
  const kinds = names.flatMap(({ kind, listKind }) => [kind, listKind]);
  const known = (list: readonly (string | undefined)[]): Set<string> =>
    new Set(list.filter((name) => name !== undefined));
  return { resources: known(resources), kinds: known(kinds) };
}

/** The reason why a name isn't available; undefined if it is, or is already accepted. */
function conflict(requested: string, accepted: string, used: ReadonlySet<string>): string | undefined {
  return requested === accepted || !used.has(requested) ? undefined : `${quote(requested)} is already in use`;
}

export interface NamesDecision {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly namesAccepted: NewCondition;
  readonly established: NewCondition;
}

/**
 * `others` are the accepted names of the definitions of the group, which may include its own. Names that aren't
 * available keep their previous value.
 */
export function decideNames({ spec, status }: Definition, others: readonly AcceptedNames[]): NamesDecision {
  const used = claimed(others);
  const requested = spec.names;
  const accepted = status.acceptedNames;
  const names = { ...accepted };
  let problem: { reason: string; message: string } | undefined;
  const claim = (name: 'plural' | 'singular' | 'kind' | 'listKind', reason: string): void => {
    const pool = name === 'plural' || name === 'singular' ? used.resources : used.kinds;
    const message = conflict(requested[name] ?? '', accepted[name] ?? '', pool);
    if (message !== undefined) problem = { reason, message };
    else names[name] = requested[name] ?? '';
  };
  claim('plural', 'PluralConflict');
  claim('singular', 'SingularConflict');
  const own = new Set(accepted.shortNames);
  const conflicts = (requested.shortNames ?? [])
    .filter((name) => !own.has(name))
    .map((name) => conflict(name, '', used.resources))
    .filter((message) => message !== undefined);
  if (conflicts.length > 0) problem = { reason: 'ShortNamesConflict', message: aggregateMessages(conflicts) };
  else names.shortNames = requested.shortNames;
  claim('kind', 'KindConflict');
  claim('listKind', 'ListKindConflict');
  names.categories = requested.categories;
  const namesAccepted: NewCondition = {
    type: 'NamesAccepted',
    status: problem === undefined ? 'True' : 'False',
    ...(problem ?? { reason: 'NoConflicts', message: 'no conflicts found' }),
  };
  return {
    acceptedNames: compact(names),
    namesAccepted,
    established: establishedAfter(status, namesAccepted),
  };
}

/** Established stays false until all names are accepted, and never reverts. */
function establishedAfter(status: Definition['status'], namesAccepted: NewCondition): NewCondition {
  const old = findCondition(status, 'Established');
  if (old?.status !== 'True' && namesAccepted.status === 'True') {
    const message = 'the initial names have been accepted';
    return { type: 'Established', status: 'False', reason: 'Installing', message };
  }
  const message = 'not all names are accepted';
  if (old === undefined) return { type: 'Established', status: 'False', reason: 'NotAccepted', message };
  return {
    type: 'Established',
    status: old.status as NewCondition['status'],
    reason: old.reason ?? '',
    message: old.message ?? '',
  };
}

/** Whether all requested names are accepted, so that there is nothing to decide. */
export function hasAllNames({ spec, status }: Definition): boolean {
  return semanticDeepEqual(compact({ ...spec.names }), compact({ ...status.acceptedNames }));
}

/** The definitions of a group that have a name in common with another one. */
export function sharingNames<D extends { readonly acceptedNames: AcceptedNames }>(
  group: readonly D[],
): ReadonlySet<D> {
  const holders = new Map<string, D>();
  const sharing = new Set<D>();
  for (const definition of group) {
    const { resources, kinds } = claimed([definition.acceptedNames]);
    const names = [
      ...[...resources].map((name) => `resource ${name}`),
      ...[...kinds].map((name) => `kind ${name}`),
    ];
    for (const name of names.filter((one) => !one.endsWith(' '))) {
      const other = holders.get(name);
      if (other === undefined) holders.set(name, definition);
      else sharing.add(other).add(definition);
    }
  }
  return sharing;
}

/** The accepted names of a definition, with the revision that accepted them. */
export interface NameClaim {
  readonly resourceVersion: number;
  readonly acceptedNames: AcceptedNames;
}

/**
 * Whether both have a name in common and `rival` claimed it first, which happens when two concurrent writes don't see
 * each other.
 */
export function loses(own: NameClaim, rival: NameClaim): boolean {
  if (own.resourceVersion < rival.resourceVersion) return false;
  const [mine, theirs] = [claimed([own.acceptedNames]), claimed([rival.acceptedNames])];
  const shares = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
    [...a].some((name) => name !== '' && b.has(name));
  return shares(mine.resources, theirs.resources) || shares(mine.kinds, theirs.kinds);
}
