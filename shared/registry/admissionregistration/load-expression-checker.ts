import type { NewExpressionChecker } from '../../apis/admissionregistration/validation/expression-checker.ts';

/** Loads CEL when the first policy or webhook is written. */
export async function loadExpressionChecker(): Promise<NewExpressionChecker> {
  return (await import('./expression-checker.ts')).newExpressionChecker;
}
