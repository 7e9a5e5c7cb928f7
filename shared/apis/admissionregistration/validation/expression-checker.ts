/** The variables available to an expression. */
export interface ExpressionVariables {
  readonly params: boolean;
  readonly authorizer: boolean;
}

/** The purpose of an expression, which determines its result type. */
export type ExpressionPurpose =
  | 'matchCondition'
  | 'validation'
  | 'message'
  | 'auditAnnotation'
  | 'applyConfiguration'
  | 'jsonPatch';

/**
 * Compiles expressions of webhooks and policies. Implemented in `shared/admission/cel`, which is above this layer.
 * Methods return the error of an expression; undefined if it is valid.
 */
export interface ExpressionChecker {
  check(expression: string, purpose: ExpressionPurpose, variables: ExpressionVariables): string | undefined;
  /** Makes the variable available to later expressions as `variables.<name>`, with its type if it is valid. */
  addVariable(name: string, expression: string, variables: ExpressionVariables): string | undefined;
}

/** Creates a checker for one object, whose variables it tracks. `composes` is whether `variables` is available. */
export type NewExpressionChecker = (options: { readonly composes: boolean }) => ExpressionChecker;
