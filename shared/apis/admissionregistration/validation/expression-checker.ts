/** What expressions may speak of. */
export interface ExpressionVariables {
  readonly params: boolean;
  readonly authorizer: boolean;
}

/** What an expression is for, which says what it has to evaluate to. */
export type ExpressionPurpose =
  | 'matchCondition'
  | 'validation'
  | 'message'
  | 'auditAnnotation'
  | 'applyConfiguration'
  | 'jsonPatch';

/**
 * Compiles expressions of webhooks and policies: `shared/admission/cel` knows how, and stands above this layer. Answers
 * why an expression isn't good; undefined if it is.
 */
export interface ExpressionChecker {
  check(expression: string, purpose: ExpressionPurpose, variables: ExpressionVariables): string | undefined;
  /** Later expressions see it as `variables.<name>`, with its type if it is good. */
  addVariable(name: string, expression: string, variables: ExpressionVariables): string | undefined;
}

/** A checker for each object: variables are its own. `composes`: whether `variables` is there at all. */
export type NewExpressionChecker = (options: { readonly composes: boolean }) => ExpressionChecker;
