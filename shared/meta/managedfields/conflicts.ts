/**
 * Fields of other managers that an apply would change
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/internal/conflict.go).
 */

import { quote } from '../../runtime/go-format.ts';
import { newApplyConflict, type StatusError } from '../status-error.ts';
import { FieldSet } from './field-set.ts';
import { managerInfo } from './managers.ts';
import { formatPath, type Path } from './path-element.ts';

export interface Conflict {
  /** Manager identifier. */
  readonly manager: string;
  readonly path: Path;
}

export class ConflictsError extends Error {
  override readonly name = 'ConflictsError';
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(`${conflicts.length} conflicts`);
    this.conflicts = conflicts;
  }
}

export const conflictSet = (conflicts: readonly Conflict[]): FieldSet =>
  FieldSet.ofAll(conflicts.map(({ path }) => path));

/** `"kubectl-edit" using apps/v1`. Like upstream's, without a time, because identifiers don't contain it. */
function describe(identifier: string): string {
  const { manager = '', subresource, operation, apiVersion } = managerInfo(identifier);
  const named = subresource ? `${quote(manager)} with subresource ${quote(subresource)}` : quote(manager);
  return operation === 'Update' ? `${named} using ${apiVersion}` : named;
}

/** The 409 for clients, with a cause for each field. */
export function newConflictsStatus(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describe(manager)}`,
    field: formatPath(path),
  }));
  return newApplyConflict(causes, message(conflicts));
}

function message(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describe(first!.manager)}: ${formatPath(first!.path)}`;
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${describe(manager)}:`,
    ...conflicts
      .filter((conflict) => conflict.manager === manager)
      .map(({ path }) => `- ${formatPath(path)}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
