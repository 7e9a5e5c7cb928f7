import type { NewExpressionChecker } from '../../apis/admissionregistration/validation/expression-checker.ts';

/** CEL loads with the first policy or webhook that is written. */
export async function loadExpressionChecker(): Promise<NewExpressionChecker> {
  return (await import('./expression-checker.ts')).newExpressionChecker;
}
